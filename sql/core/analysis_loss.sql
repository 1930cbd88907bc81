-- core.analysis_loss: who of each side of a contrast is left out step by step, down to who is
-- compared.
--
-- Grain:      one row per contrast, side and step that loses a sample; step 0 is the input.
-- Reads:      core.analysis_set  one row per contrast and sample of its cohorts.
-- Parameters: none.
-- Units:      n_* count samples; each is lost once, for the reason that core.analysis_set gives.
-- A reason of the study's own, after 'excluded:', is not repeated: it may tell of a person.
WITH member AS (
    SELECT
        contrast,
        is_case,
        is_included,
        CASE
            WHEN starts_with(exclusion_reason, 'excluded:') THEN 'excluded in study.yaml'
            ELSE exclusion_reason
        END AS exclusion_reason,
        count(*) FILTER (WHERE is_included AND NOT is_case) OVER side AS n_control_beside,
        count(*) FILTER (WHERE is_included AND is_case) OVER side AS n_case_beside
    FROM core.analysis_set
    WINDOW side AS (PARTITION BY contrast, stratum)
),

judged AS (
    SELECT
        contrast,
        is_case,
        coalesce(
            exclusion_reason,
            CASE
                WHEN least(n_control_beside, n_case_beside) = 0
                    THEN 'in a stratum without the other side'
            END
        ) AS loss_reason
    FROM member
),

lost AS (
    SELECT
        contrast,
        is_case,
        loss_reason,
        count(*) AS n_lost,
        CASE
            WHEN loss_reason = 'excluded in study.yaml' THEN 1
            WHEN loss_reason = 'in a stratum without the other side' THEN 6
            WHEN loss_reason IN ('no control within the caliper', 'not matched to a case') THEN 5
            WHEN loss_reason = 'outlier of ancestry' THEN 4
            WHEN loss_reason LIKE '% is used' THEN 3
            ELSE 2
        END AS place
    FROM judged
    WHERE loss_reason IS NOT NULL
    GROUP BY contrast, is_case, loss_reason
),

input AS (
    SELECT
        contrast,
        is_case,
        count(*) AS n_input
    FROM judged
    GROUP BY contrast, is_case
),

numbered AS (
    SELECT
        contrast,
        is_case,
        0 AS step,
        'input' AS loss_reason,
        0 AS n_lost
    FROM input
    UNION ALL
    SELECT
        contrast,
        is_case,
        row_number() OVER (PARTITION BY contrast, is_case ORDER BY place, loss_reason) AS step,
        loss_reason,
        n_lost
    FROM lost
),

running AS (
    SELECT
        contrast,
        is_case,
        step,
        loss_reason,
        n_lost,
        sum(n_lost) OVER (PARTITION BY contrast, is_case ORDER BY step) AS n_lost_so_far
    FROM numbered
)

SELECT
    running.contrast,
    running.is_case,
    running.step,
    running.loss_reason,
    input.n_input - running.n_lost_so_far + running.n_lost AS n_before,
    running.n_lost,
    input.n_input - running.n_lost_so_far AS n_after
FROM running
INNER JOIN input ON running.contrast = input.contrast AND running.is_case = input.is_case
ORDER BY running.contrast, running.is_case DESC, running.step
