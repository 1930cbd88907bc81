-- How alike are cases and controls, before and after matching?
--
-- Grain:      one row per contrast, covariate and stage.
-- Reads:      result.balance.
-- Parameters: none.
SELECT
    contrast,
    covariate,
    stage,
    n_case,
    n_control,
    round(mean_case, 4) AS mean_case,
    round(mean_control, 4) AS mean_control,
    round(standardised_difference, 3) AS standardised_difference
FROM result.balance
ORDER BY contrast, covariate, stage DESC
