-- Which pairs of samples are related?
--
-- Grain:      one row per pair like relatives; relationship is NULL where chance may explain it.
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
