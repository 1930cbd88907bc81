-- How fast did each cohort lose points, from the first visit to the last?
--
-- Grain:      one row per cohort.
-- Reads:      core.alsfrsr, raw.sample.
-- Parameters: none.
WITH span AS (
    SELECT
        participant_id,
        arg_min(alsfrsr_total, day) AS first_total,
        arg_max(alsfrsr_total, day) AS last_total,
        (max(day) - min(day)) / 30.4375 AS n_month
    FROM core.alsfrsr
    WHERE alsfrsr_total IS NOT NULL
    GROUP BY participant_id
)

SELECT
    sample.cohort,
    count(*) AS n_participant,
    avg(span.first_total) AS mean_first_total,
    avg(span.last_total) AS mean_last_total,
    avg((span.last_total - span.first_total) / span.n_month) AS mean_alsfrsr_slope_per_month
FROM span
INNER JOIN raw.sample ON span.participant_id = sample.participant_id
WHERE span.n_month > 0
GROUP BY sample.cohort
ORDER BY sample.cohort
