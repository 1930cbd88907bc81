-- survival_best: the best variants of the survival scan, each under its best genetic model.
--
-- Grain:      one row per event and variant_id: the five of smallest P value of record.
-- Reads:      result.survival_scan  one row per event, variant and genetic model.
-- Parameters: none.
-- Units:      n_* count participants.
WITH best AS (
    SELECT *
    FROM result.survival_scan
    WHERE score_z IS NOT NULL
    QUALIFY
        row_number() OVER (
            PARTITION BY event, variant_id
            ORDER BY p_value, genetic_model
        ) = 1
)

SELECT *
FROM best
QUALIFY
    row_number() OVER (
        PARTITION BY event
        ORDER BY p_value, variant_id
    ) <= 5
ORDER BY event DESC, p_value, variant_id
