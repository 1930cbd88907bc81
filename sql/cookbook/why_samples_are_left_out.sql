-- Why is a sample not counted in a contrast?
--
-- Grain:      one row per contrast, side and reason.
-- Reads:      core.analysis_set.
-- Parameters: none.
SELECT
    contrast,
    CASE WHEN is_case THEN 'case' ELSE 'control' END AS side,
    coalesce(exclusion_reason, 'included') AS exclusion_reason,
    count(*) AS n
FROM core.analysis_set
GROUP BY contrast, side, exclusion_reason
ORDER BY contrast, side, n DESC
