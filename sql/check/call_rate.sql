-- call_rate: variants below the call rate of the study.
--
-- Grain:      one row.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: $call_rate_min  fraction.
-- Units:      n_* count variants.
SELECT
    count(*) AS n_variant,
    count(*) FILTER (WHERE call_rate < $call_rate_min) AS n_low
FROM core.variant_qc
