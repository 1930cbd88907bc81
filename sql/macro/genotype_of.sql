-- genotype_of(variant_id): dosage of every sample of the callsets whose files hold a variant.
--
-- Returns: one row per callset and sample: callset, sample_id, cohort, dosage (NULL when
--          missing), samples under exclude among them. It reads what the files say: a callset
--          without the variant has no row, also where study.yaml takes absent_sites for
--          reference; core.carrier then has dosage 0 for its samples.
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
