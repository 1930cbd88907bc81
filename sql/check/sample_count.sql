-- sample_count: variants that are not counted in every sample.
--
-- Grain:      one row.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: $n_sample  samples of all callsets.
-- Units:      n_* count variants.
SELECT
    count(*) AS n_variant,
    count(*) FILTER (WHERE n_hom_ref + n_het + n_hom_alt + n_missing <> $n_sample) AS n_wrong
FROM core.variant_qc
