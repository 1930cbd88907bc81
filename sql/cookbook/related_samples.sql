-- Which pairs of samples are related?
--
-- Grain:      one row per related pair.
-- Reads:      core.kinship.
-- Parameters: none.
SELECT
    sample_id_1,
    sample_id_2,
    relationship,
    kinship,
    n_variant
FROM core.kinship
ORDER BY kinship DESC, sample_id_1, sample_id_2
