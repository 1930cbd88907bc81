-- quality_loss: steps of the losses that do not add up.
--
-- Grain:      one row.
-- Reads:      core.quality_loss   one row per what and step;
--             raw.callset_sample  one row per sample of a genotype file;
--             core.variant_qc     one row per variant_id;
--             core.sample_qc      one row per sample_id that is used.
-- Parameters: none.
-- Units:      n_* count steps: those that do not start where the one before ended, and ends that
--             are not the number that passes quality.
WITH step AS (
    SELECT
        what,
        step,
        n_before,
        n_lost,
        n_after,
        lag(n_after) OVER (PARTITION BY what ORDER BY step) AS n_left,
        lead(step) OVER (PARTITION BY what ORDER BY step) IS NULL AS is_last
    FROM core.quality_loss
),

passing AS (
    SELECT
        'variant' AS what,
        count(*) AS n_input,
        count(*) FILTER (WHERE filter_reason IS NULL) AS n_pass
    FROM core.variant_qc
    UNION ALL
    SELECT
        'sample' AS what,
        (SELECT count(*) FROM raw.callset_sample) AS n_input,
        count(*) FILTER (WHERE filter_reason IS NULL) AS n_pass
    FROM core.sample_qc
)

SELECT
    count(*) AS n_step,
    count(*) FILTER (
        WHERE
        step.n_after <> step.n_before - step.n_lost
        OR step.n_lost < 0
        OR step.n_before <> coalesce(step.n_left, passing.n_input, step.n_before)
        OR (step.is_last AND step.n_after <> coalesce(passing.n_pass, step.n_after))
    ) AS n_wrong
FROM step
LEFT JOIN passing ON step.what = passing.what
