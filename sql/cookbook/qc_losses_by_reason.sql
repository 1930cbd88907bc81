-- How many variants and samples did quality control leave out, and why?
--
-- Grain:      one row per what and reason.
-- Reads:      core.variant_qc, core.sample_qc.
-- Parameters: none.
SELECT
    'variant' AS what,
    coalesce(filter_reason, 'passes') AS filter_reason,
    count(*) AS n
FROM core.variant_qc
GROUP BY filter_reason
UNION ALL
SELECT
    'sample' AS what,
    coalesce(filter_reason, 'passes') AS filter_reason,
    count(*) AS n
FROM core.sample_qc
GROUP BY filter_reason
ORDER BY what, n DESC, filter_reason
