-- core.carrier: dosage of every sample in use at the declared and lead variants.
--
-- Grain:      one row per variant and sample.
-- Reads:      result.lead_variant  one row per contrast, variant and genetic model;
--             raw.genotype         one row per callset and variant, packed;
--             raw.callset_sample   one row per callset and sample, with its place;
--             raw.sample           one row per sample_id.
-- Parameters: callset_rule  rows of callset, absent_dosage: the dosage of a variant that
--                           the callset does not hold (0 for reference, NULL for missing).
--             excluded_sample  rows of sample_id: left out on purpose.
-- Units:      dosage counts ALT alleles, 0-2, NULL for a missing call.
WITH wanted AS (
    SELECT DISTINCT
        locus,
        variant_id
    FROM result.lead_variant
),

call AS (
    SELECT
        wanted.locus,
        wanted.variant_id,
        callset_sample.sample_id,
        CASE
            WHEN genotype.packed IS NULL THEN callset_rule.absent_dosage
            ELSE dosage(genotype.packed, callset_sample.sample_index)
        END AS dosage
    FROM wanted
    CROSS JOIN raw.callset_sample
    INNER JOIN callset_rule ON callset_sample.callset = callset_rule.callset
    LEFT JOIN raw.genotype
        ON
            wanted.variant_id = genotype.variant_id
            AND callset_sample.callset = genotype.callset
)

SELECT
    call.locus,
    call.variant_id,
    call.sample_id,
    sample.participant_id,
    sample.cohort,
    call.dosage,
    call.dosage >= 1 AS carrier
FROM call
INNER JOIN raw.sample ON call.sample_id = sample.sample_id
ANTI JOIN excluded_sample ON call.sample_id = excluded_sample.sample_id
ORDER BY call.locus, call.variant_id, call.sample_id
