-- Do the curves of carriers and of the others differ, and by how many months?
--
-- Grain:      one row per variant, event and test of carriers against the rest.
-- Reads:      result.curve_test, result.restricted_mean.
-- Parameters: none.
SELECT
    curve_test.locus,
    curve_test.variant_id,
    curve_test.event,
    curve_test.test,
    curve_test.n,
    curve_test.n_carrier,
    curve_test.n_event,
    curve_test.p_value,
    curve_test.permutation_p_value,
    restricted_mean.horizon_months,
    round(restricted_mean.mean_months, 2) AS months_apart,
    round(restricted_mean.ci_lower, 2) AS ci_lower,
    round(restricted_mean.ci_upper, 2) AS ci_upper,
    curve_test.caveat
FROM result.curve_test
LEFT JOIN result.restricted_mean
    ON
        curve_test.variant_id = restricted_mean.variant_id
        AND curve_test.genetic_model = restricted_mean.genetic_model
        AND curve_test.event = restricted_mean.event
        AND restricted_mean.carrier_group = 'difference'
WHERE curve_test.genetic_model = 'dominant'
ORDER BY
    curve_test.locus,
    curve_test.event,
    curve_test.test,
    restricted_mean.horizon_months
