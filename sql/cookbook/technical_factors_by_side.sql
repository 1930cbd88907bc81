-- Do cases and controls share tissue, batch and sequencing site?
--
-- Grain:      one row per contrast, side, tissue, batch and site.
-- Reads:      core.analysis_set, raw.sample.
-- Parameters: none.
SELECT
    analysis_set.contrast,
    CASE WHEN analysis_set.is_case THEN 'case' ELSE 'control' END AS side,
    sample.tissue,
    sample.batch,
    sample.sequencing_site,
    count(*) AS n
FROM core.analysis_set
INNER JOIN raw.sample ON analysis_set.sample_id = sample.sample_id
WHERE analysis_set.is_included
GROUP BY
    analysis_set.contrast, side, sample.tissue, sample.batch, sample.sequencing_site
ORDER BY
    analysis_set.contrast, side, sample.tissue, sample.batch, sample.sequencing_site
