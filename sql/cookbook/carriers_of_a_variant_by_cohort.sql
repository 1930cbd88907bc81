-- Who carries the declared and lead variants, by cohort?
--
-- Grain:      one row per variant and cohort.
-- Reads:      core.carrier.
-- Parameters: none.
SELECT
    locus,
    variant_id,
    cohort,
    count(*) AS n,
    count(*) FILTER (WHERE carrier) AS n_carrier,
    count(*) FILTER (WHERE dosage = 2) AS n_hom_alt,
    count(*) FILTER (WHERE dosage IS NULL) AS n_missing,
    sum(dosage) / (2.0 * count(dosage)) AS allele_freq
FROM core.carrier
GROUP BY locus, variant_id, cohort
ORDER BY locus, variant_id, cohort
