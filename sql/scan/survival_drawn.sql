-- survival_drawn: variants that the inflation of a survival scan is taken of.
--
-- Grain:      one row per variant_id, in the order of its hash.
-- Reads:      core.variant_qc  one row per variant_id.
-- Parameters: $mac_min         fewest copies of the rarer allele in all samples;
--             $n_variant       most rows.
-- Units:      mac counts alleles.
SELECT variant_id
FROM core.variant_qc
WHERE filter_reason IS NULL AND mac >= $mac_min
ORDER BY md5(variant_id), variant_id
LIMIT $n_variant
