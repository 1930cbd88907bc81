-- qc_loss: what quality control left out, by reason; a query of the report, not a table.
--
-- Grain:      one row per what (variant or sample) and filter_reason.
-- Reads:      core.quality_loss  one row per what and step.
-- Parameters: none.
-- Units:      n counts variants or samples; filter_reason is 'passes' for what is left.
WITH told AS (
    SELECT
        what,
        loss_reason AS filter_reason,
        n_lost AS n
    FROM core.quality_loss
    WHERE n_lost > 0
    UNION ALL
    SELECT
        what,
        'passes' AS filter_reason,
        min(n_after) AS n
    FROM core.quality_loss
    GROUP BY what
)

SELECT
    what,
    filter_reason,
    n
FROM told
WHERE what <> 'record' AND n > 0
ORDER BY what, n DESC, filter_reason
