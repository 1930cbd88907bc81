-- external_agreement: variants that the external table spells as the study does, and otherwise; a
-- query of a check, not a table.
--
-- Grain:      one row: variants of the external table at positions of the study, counted.
-- Reads:      raw.genotype  one row per variant_id and callset, of one chromosome;
--             raw.external_allele  one row per variant_id at a position of the study, of one
--             chromosome.
-- Parameters: none.
-- Units:      n_shared counts variants that both have; n_swapped, n_flipped,
--             n_flipped_and_swapped, n_ambiguous and n_other count those of one length that no
--             variant of the study at their position spells alike, and whose REF differs.
WITH study AS (
    SELECT DISTINCT
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
        external.variant_id,
        bool_or(study.ref = external.ref AND study.alt = external.alt) AS is_shared,
        bool_and(study.ref != external.ref) AS is_other_reference,
        bool_or(study.ref = external.alt AND study.alt = external.ref) AS is_swapped,
        bool_or(
            study.ref_across = external.ref AND study.alt_across = external.alt
        ) AS is_flipped,
        bool_or(
            study.ref_across = external.alt AND study.alt_across = external.ref
        ) AS is_flipped_and_swapped
    FROM raw.external_allele AS external
    INNER JOIN study
        ON external.pos = study.pos AND length(external.ref) = length(study.ref)
    WHERE length(external.ref) = length(external.alt)
    GROUP BY external.variant_id
),

differing AS (
    SELECT
        is_swapped,
        is_flipped,
        is_flipped_and_swapped
    FROM pair
    WHERE is_other_reference AND NOT is_shared
),

shared AS (
    SELECT count(*) AS n_shared
    FROM pair
    WHERE is_shared
)

SELECT
    any_value(shared.n_shared) AS n_shared,
    count(*) FILTER (WHERE differing.is_swapped AND NOT differing.is_flipped) AS n_swapped,
    count(*) FILTER (WHERE differing.is_flipped AND NOT differing.is_swapped) AS n_flipped,
    count(*) FILTER (
        WHERE
        differing.is_flipped_and_swapped
        AND NOT (differing.is_swapped OR differing.is_flipped)
    ) AS n_flipped_and_swapped,
    count(*) FILTER (WHERE differing.is_swapped AND differing.is_flipped) AS n_ambiguous,
    count(*) FILTER (
        WHERE NOT (
            differing.is_swapped OR differing.is_flipped OR differing.is_flipped_and_swapped
        )
    ) AS n_other
FROM shared
LEFT JOIN differing ON TRUE
ORDER BY ALL
