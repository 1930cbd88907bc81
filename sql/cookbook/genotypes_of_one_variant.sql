-- How is one variant genotyped in each cohort, straight from the packed calls?
--
-- Grain:      one row per cohort and dosage.
-- Reads:      raw.genotype through the macro genotype_of.
-- Parameters: none.
SELECT
    genotype.cohort,
    genotype.dosage,
    count(*) AS n
FROM
    genotype_of(
        (
            SELECT min(lead_variant.variant_id)
            FROM result.lead_variant
        )
    ) AS genotype
GROUP BY genotype.cohort, genotype.dosage
ORDER BY genotype.cohort, genotype.dosage
