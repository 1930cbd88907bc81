-- control_pair: the tests between two control cohorts under one genetic model.
--
-- Grain:      one row per variant_id with calls in both cohorts, where the coded genotype varies.
-- Reads:      result.control_scan  one row per pair of control cohorts, variant and genetic model.
-- Parameters: $cohort_1, $cohort_2, $genetic_model.
-- Units:      p_value is that of record; NULL where the fit did not converge.
SELECT
    variant_id,
    p_value
FROM result.control_scan
WHERE
    cohort_1 = $cohort_1
    AND cohort_2 = $cohort_2
    AND genetic_model = $genetic_model
    AND fit_status NOT IN ('one_side_missing', 'monomorphic')
ORDER BY variant_id
