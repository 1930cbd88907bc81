-- How many recovered by each definition, and how many would by noise alone?
--
-- Grain:      one row per recovery definition, cohort (or everybody) and horizon, its own first.
-- Reads:      result.recovery_rate.
-- Parameters: none.
SELECT
    definition,
    is_study_definition,
    cohort,
    horizon_months,
    n_followed,
    n_recovered,
    recovered_rate,
    ci_lower,
    ci_upper,
    expected_false_rate,
    monte_carlo_error,
    n_false_lower,
    n_false_upper,
    noise_p_value,
    residual_sd,
    n_simulation,
    method,
    caveat
FROM result.recovery_rate
ORDER BY is_study_definition DESC, definition, cohort != 'every_cohort', cohort, horizon_months
