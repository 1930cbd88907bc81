-- hardy_weinberg: variants that depart from Hardy-Weinberg equilibrium in controls.
--
-- Grain:      one row.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: $hwe_p_min  smallest P value that passes.
-- Units:      n_* count variants, of those with a P value.
SELECT
    count(hwe_p) AS n_variant,
    count(*) FILTER (WHERE hwe_p < $hwe_p_min) AS n_low
FROM core.variant_qc
