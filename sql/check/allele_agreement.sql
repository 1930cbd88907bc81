-- allele_agreement: variants that two callsets spell differently at one place; a query of a
-- check, not a table.
--
-- Grain:      one row: pairs of variants, of two callsets each, counted.
-- Reads:      raw.genotype  one row per variant_id and callset, of one chromosome.
-- Parameters: none.
-- Units:      n_shared counts variants that two callsets spell alike; n_swapped, n_flipped,
--             n_flipped_and_swapped, n_ambiguous and n_other count pairs at one position whose
--             REF differs, which one reference cannot have; alleles of one length only, because
--             an insertion and a deletion of the same bases may both be real.
WITH site AS (
    SELECT
        callset,
        pos,
        ref,
        alt,
        reverse(translate(ref, 'ACGT', 'TGCA')) AS ref_across,
        reverse(translate(alt, 'ACGT', 'TGCA')) AS alt_across
    FROM raw.genotype
    WHERE length(ref) = length(alt) AND regexp_full_match(alt, '[ACGTN]+')
),

pair AS (
    SELECT
        one.ref = other.ref AND one.alt = other.alt AS is_shared,
        one.ref = other.alt AND one.alt = other.ref AS is_swapped,
        one.ref_across = other.ref AND one.alt_across = other.alt AS is_flipped,
        one.ref_across = other.alt AND one.alt_across = other.ref AS is_flipped_and_swapped
    FROM site AS one
    INNER JOIN site AS other
        ON
            one.pos = other.pos
            AND length(one.ref) = length(other.ref)
            AND one.callset < other.callset
    WHERE one.ref != other.ref OR one.alt = other.alt
)

SELECT
    count(*) FILTER (WHERE is_shared) AS n_shared,
    count(*) FILTER (WHERE is_swapped AND NOT is_flipped) AS n_swapped,
    count(*) FILTER (WHERE is_flipped AND NOT is_swapped) AS n_flipped,
    count(*) FILTER (
        WHERE is_flipped_and_swapped AND NOT is_shared
    ) AS n_flipped_and_swapped,
    count(*) FILTER (WHERE is_swapped AND is_flipped) AS n_ambiguous,
    count(*) FILTER (
        WHERE NOT (is_shared OR is_swapped OR is_flipped OR is_flipped_and_swapped)
    ) AS n_other
FROM pair
ORDER BY ALL
