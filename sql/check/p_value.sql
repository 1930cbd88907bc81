-- p_value: rows of a scan whose P values are not probabilities.
--
-- Grain:      one row.
-- Reads:      result.association   one row per contrast, variant and genetic model; or
--             result.control_scan  one row per pair of control cohorts, variant and model.
-- Parameters: $scan                which of the two.
-- Units:      n_* count rows. A P value of record may be missing where the fit did not converge, an
--             exact one of three genotypes where there are too many outcomes to count.
WITH judged AS (
    SELECT
        coalesce(
            exact_p_value > 0 AND exact_p_value <= 1,
            starts_with(exact_method, 'freeman_halton_exact')
        ) AS is_exact_sound,
        coalesce(p_value > 0 AND p_value <= 1, FALSE) AS is_sound,
        p_value IS NULL AND fit_status = 'not_converged' AS is_not_converged
    FROM query_table($scan)
)

SELECT
    count(*) AS n_row,
    count(*) FILTER (WHERE is_not_converged) AS n_not_converged,
    count(*) FILTER (
        WHERE NOT (is_exact_sound AND (is_sound OR is_not_converged))
    ) AS n_wrong
FROM judged
