-- lead/genotype: the packed calls of some variants, wherever they lie.
--
-- Grain:      one row per callset and variant_id that is wanted.
-- Reads:      raw.genotype  one row per callset and variant_id.
-- Parameters: wanted  rows of variant_id.
-- Units:      packed holds two bits a sample of the callset, in the order of its sample_index.
SELECT
    genotype.variant_id,
    genotype.callset,
    genotype.packed
FROM raw.genotype
SEMI JOIN wanted ON genotype.variant_id = wanted.variant_id
ORDER BY genotype.variant_id, genotype.callset
