-- How many records, variants and samples did quality control leave out, and why?
--
-- Grain:      one row per what and step that loses any, after its input.
-- Reads:      core.quality_loss.
-- Parameters: none.
SELECT
    what,
    step,
    loss_reason,
    n_before,
    n_lost,
    n_after
FROM core.quality_loss
WHERE step = 0 OR n_lost > 0
ORDER BY what, step
