-- qc_loss: what quality control left out, by reason; a query of the report, not a table.
--
-- Grain:      one row per what (variant or sample) and filter_reason.
-- Reads:      core.variant_qc  one row per variant_id;
--             core.sample_qc   one row per sample_id.
-- Parameters: none.
-- Units:      n counts variants or samples; filter_reason is 'passes' where nothing is wrong.
WITH judged AS (
    SELECT
        'variant' AS what,
        filter_reason
    FROM core.variant_qc
    UNION ALL
    SELECT
        'sample' AS what,
        filter_reason
    FROM core.sample_qc
)

SELECT
    what,
    coalesce(filter_reason, 'passes') AS filter_reason,
    count(*) AS n
FROM judged
GROUP BY what, coalesce(filter_reason, 'passes')
ORDER BY what, n DESC, filter_reason
