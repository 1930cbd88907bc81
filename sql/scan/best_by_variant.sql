-- best_by_variant: variants of one contrast that may lead, with their best P value.
--
-- Grain:      one row per variant_id whose best P value of record, under any genetic model, is at
--             most $p_max or the smallest of the contrast, and below 1; in the order of the
--             genome.
-- Reads:      result.association  one row per contrast, variant and genetic model.
-- Parameters: $contrast, $p_max.
-- Units:      pos is 1-based; variant_id is chrom-pos-ref-alt.
WITH tested AS (
    SELECT
        variant_id,
        p_value
    FROM result.association
    WHERE contrast = $contrast AND p_value < 1
),

threshold AS (
    SELECT greatest($p_max, min(p_value)) AS p_max
    FROM tested
)

SELECT
    tested.variant_id,
    min(tested.p_value) AS p_value,
    split_part(tested.variant_id, '-', 1) AS chrom,
    cast(split_part(tested.variant_id, '-', 2) AS BIGINT) AS pos
FROM tested
INNER JOIN threshold ON tested.p_value <= threshold.p_max
GROUP BY tested.variant_id
ORDER BY
    chrom,
    pos,
    split_part(tested.variant_id, '-', 3),
    split_part(tested.variant_id, '-', 4)
