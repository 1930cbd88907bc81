-- relative: how many pairs of used samples are how closely related; a query of the report.
--
-- Grain:      one row per relationship.
-- Reads:      core.kinship  one row per pair with the kinship of the third degree or closer.
-- Parameters: none.
-- Units:      n_pair counts pairs; 'unnamed' are those that chance may have made.
SELECT
    coalesce(relationship, 'unnamed') AS relationship,
    count(*) AS n_pair
FROM core.kinship
GROUP BY relationship
ORDER BY max(kinship) DESC
