-- Which pairs of samples are related?
--
-- Grain:      one row per pair with the kinship of relatives; relationship is NULL where the
--             variants lie in too few places to tell relatives from strangers.
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
