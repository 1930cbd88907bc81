-- Which samples are left out for a relative, and for whom?
--
-- Grain:      one row per sample left out.
-- Reads:      core.unrelated_sample.
-- Parameters: none.
SELECT
    sample_id,
    relative_sample_id,
    exclusion_reason,
    relationship,
    kinship
FROM core.unrelated_sample
WHERE exclusion_reason IS NOT NULL
ORDER BY relative_sample_id, sample_id
