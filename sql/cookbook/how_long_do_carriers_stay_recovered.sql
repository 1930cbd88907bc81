-- How many months do carriers spend recovered, and how many the others?
--
-- Grain:      one row per variant, horizon and state of a recovery, carriers of any ALT allele.
-- Reads:      result.state_time.
-- Parameters: none.
SELECT
    locus,
    variant_id,
    horizon_months,
    state,
    max(mean_months) FILTER (WHERE carrier_group = 'carrier') AS months_carrier,
    max(n) FILTER (WHERE carrier_group = 'carrier') AS n_carrier,
    max(mean_months) FILTER (WHERE carrier_group = 'non_carrier') AS months_non_carrier,
    max(n) FILTER (WHERE carrier_group = 'non_carrier') AS n_non_carrier,
    max(mean_months) FILTER (WHERE carrier_group = 'difference') AS difference_within_strata,
    max(ci_lower) FILTER (WHERE carrier_group = 'difference') AS ci_lower,
    max(ci_upper) FILTER (WHERE carrier_group = 'difference') AS ci_upper,
    max(permutation_p_value) AS permutation_p_value,
    max(method) FILTER (WHERE carrier_group = 'difference') AS method,
    any_value(caveat) AS caveat
FROM result.state_time
WHERE states = 'recovery' AND genetic_model = 'dominant'
GROUP BY
    locus,
    variant_id,
    horizon_months,
    state
ORDER BY
    locus,
    variant_id,
    horizon_months,
    state
