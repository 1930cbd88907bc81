-- informative: variants that no test can learn from.
--
-- Grain:      one row.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: none.
-- Units:      n_* count variants; n_constant those that pass quality and have no minor allele.
SELECT
    count(*) AS n_variant,
    count(filter_reason) AS n_left_out,
    count(*) FILTER (WHERE filter_reason IS NULL AND mac = 0) AS n_constant
FROM core.variant_qc
