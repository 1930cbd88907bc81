-- comparison/member: samples of each contrast's cohorts, and whether their quality lets them in.
--
-- Grain:      one row per contrast and sample of its cohorts; of a sample that is in no
--             contrast, one row whose contrast is ''.
-- Reads:      core.sample_trait     one row per sample_id;
--             core.sample_qc  one row per sample_id that was called.
-- Parameters: contrast_cohort  rows of contrast, cohort, is_case, by_ancestry, by_sex;
--             excluded_sample  rows of sample_id, reason: left out on purpose.
-- Units:      call_rate is a fraction.
SELECT
    contrast_cohort.contrast,
    sample.sample_id,
    sample.participant_id,
    sample.cohort,
    contrast_cohort.is_case,
    sample.sex,
    sample.ancestry,
    sample_qc.call_rate,
    concat_ws(
        '/',
        'all',
        CASE WHEN contrast_cohort.by_ancestry THEN sample.ancestry END,
        CASE WHEN contrast_cohort.by_sex THEN sample.sex END
    ) AS stratum,
    CASE
        WHEN excluded_sample.reason IS NOT NULL THEN 'excluded: ' || excluded_sample.reason
        WHEN sample_qc.sample_id IS NULL THEN 'not called'
        WHEN sample_qc.filter_reason IS NOT NULL THEN sample_qc.filter_reason
        WHEN contrast_cohort.by_ancestry AND sample.ancestry IS NULL THEN 'no ancestry'
        WHEN contrast_cohort.by_sex AND sample.sex IS NULL THEN 'no sex'
    END AS quality_reason
FROM core.sample_trait AS sample
INNER JOIN contrast_cohort ON sample.cohort = contrast_cohort.cohort
LEFT JOIN core.sample_qc ON sample.sample_id = sample_qc.sample_id
LEFT JOIN excluded_sample ON sample.sample_id = excluded_sample.sample_id
ORDER BY contrast_cohort.contrast, sample.sample_id
