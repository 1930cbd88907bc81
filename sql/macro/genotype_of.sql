-- genotype_of(variant_id): every sample's dosage at one variant.
--
-- Returns: one row per callset and sample: sample_id, cohort, dosage (NULL when missing).
CREATE OR REPLACE MACRO genotype_of(wanted) AS TABLE
SELECT
    genotype.callset,
    callset_sample.sample_id,
    sample.cohort,
    dosage(genotype.packed, callset_sample.sample_index) AS dosage
FROM raw.genotype
INNER JOIN raw.callset_sample ON genotype.callset = callset_sample.callset
INNER JOIN raw.sample ON callset_sample.sample_id = sample.sample_id
WHERE genotype.variant_id = wanted
ORDER BY genotype.callset, callset_sample.sample_index
