-- control_p_value: rows of the control scan whose P values are not probabilities.
--
-- Grain:      one row.
-- Reads:      result.control_scan  one row per pair of control cohorts, variant and genetic model.
-- Parameters: none.
-- Units:      n_* count rows. A P value of record may be missing where the fit did not converge.
WITH judged AS (
    SELECT
        coalesce(exact_p_value > 0 AND exact_p_value <= 1, FALSE) AS is_exact_sound,
        coalesce(p_value > 0 AND p_value <= 1, FALSE) AS is_sound,
        p_value IS NULL AND fit_status = 'not_converged' AS is_not_converged
    FROM result.control_scan
)

SELECT
    count(*) AS n_row,
    count(*) FILTER (WHERE is_not_converged) AS n_not_converged,
    count(*) FILTER (
        WHERE NOT (is_exact_sound AND (is_sound OR is_not_converged))
    ) AS n_wrong
FROM judged
