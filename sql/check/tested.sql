-- tested: variants that pass quality, and rows of the scan.
--
-- Grain:      one row.
-- Reads:      core.variant_qc       one row per variant_id;
--             result.association    one row per contrast, variant and genetic model; or
--             result.survival_scan  one row per event, variant and genetic model.
-- Parameters: $scan                 which of the two.
-- Units:      n_passing counts variants, n_row rows.
WITH passing AS (
    SELECT count(*) AS n_passing
    FROM core.variant_qc
    WHERE filter_reason IS NULL
),

tested AS (
    SELECT count(*) AS n_row
    FROM query_table($scan)
)

SELECT
    passing.n_passing,
    tested.n_row
FROM passing
CROSS JOIN tested
