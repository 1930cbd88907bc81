-- informative: variants that no test can learn from.
--
-- Grain:      one row.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: none.
-- Units:      n_* count variants: those that quality leaves out; of the others those without a
--             minor allele; of the rest those that no callset of the cases, or of the controls,
--             holds.
SELECT
    count(*) AS n_variant,
    count(filter_reason) AS n_left_out,
    count(*) FILTER (WHERE filter_reason IS NULL AND mac = 0) AS n_constant,
    count(*) FILTER (
        WHERE
        filter_reason IS NULL AND mac > 0
        AND (case_call_rate IS NULL OR control_call_rate IS NULL)
    ) AS n_one_sided
FROM core.variant_qc
