-- relative: how many pairs of samples of some contrast are how closely related; a query of the
-- report.
--
-- Grain:      one row per relationship.
-- Reads:      core.kinship       one row per pair with the kinship of the third degree or closer;
--             core.analysis_set  one row per contrast and sample of its cohorts.
-- Parameters: none.
-- Units:      n_pair counts pairs; 'unnamed' are those that chance may have made.
WITH member AS (
    SELECT DISTINCT sample_id
    FROM core.analysis_set
)

SELECT
    coalesce(kinship.relationship, 'unnamed') AS relationship,
    count(*) AS n_pair
FROM core.kinship
SEMI JOIN member AS first_member ON kinship.sample_id_1 = first_member.sample_id
SEMI JOIN member AS second_member ON kinship.sample_id_2 = second_member.sample_id
GROUP BY kinship.relationship
ORDER BY max(kinship.kinship) DESC
