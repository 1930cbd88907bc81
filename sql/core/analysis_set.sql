-- core.analysis_set: who is compared with whom in each contrast, and why a sample is out.
--
-- Grain:      one row per contrast and sample of the contrast's cohorts.
-- Reads:      core.sample_sex  one row per sample_id;
--             raw.participant  one row per participant_id;
--             core.sample_qc   one row per sample_id that was called;
--             core.kinship     one row per related pair of samples.
-- Parameters: contrast_cohort  rows of contrast, cohort, is_case, by_ancestry, by_sex;
--             excluded_sample  rows of sample_id, reason: left out on purpose;
--             $duplicate_kinship_min  kinship above which two samples are one genome.
-- Units:      weight is 1 for every included sample and 0 for the others.
-- Of two samples of one person or one genome the better called stays (those that are cases of
-- some contrast first), and it alone in every contrast: curves and models join the contrasts.
WITH member AS (
    SELECT
        contrast_cohort.contrast,
        sample.sample_id,
        sample.participant_id,
        sample.cohort,
        contrast_cohort.is_case,
        sample_qc.call_rate,
        concat_ws(
            '/',
            'all',
            CASE WHEN contrast_cohort.by_ancestry THEN participant.ancestry END,
            CASE WHEN contrast_cohort.by_sex THEN sample.sex END
        ) AS stratum,
        CASE
            WHEN excluded_sample.reason IS NOT NULL THEN 'excluded: ' || excluded_sample.reason
            WHEN sample_qc.sample_id IS NULL THEN 'not called'
            WHEN sample_qc.filter_reason IS NOT NULL THEN sample_qc.filter_reason
            WHEN contrast_cohort.by_ancestry AND participant.ancestry IS NULL THEN 'no ancestry'
            WHEN contrast_cohort.by_sex AND sample.sex IS NULL THEN 'no sex'
        END AS quality_reason
    FROM core.sample_sex AS sample
    INNER JOIN contrast_cohort ON sample.cohort = contrast_cohort.cohort
    INNER JOIN raw.participant ON sample.participant_id = participant.participant_id
    LEFT JOIN core.sample_qc ON sample.sample_id = sample_qc.sample_id
    LEFT JOIN excluded_sample ON sample.sample_id = excluded_sample.sample_id
),

candidate AS (
    SELECT
        sample_id,
        participant_id,
        bool_or(is_case) AS is_ever_case,
        any_value(call_rate) AS call_rate
    FROM member
    WHERE quality_reason IS NULL
    GROUP BY sample_id, participant_id
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY participant_id
            ORDER BY is_ever_case DESC, call_rate DESC, sample_id
        ) AS rank_in_participant
    FROM candidate
),

one_per_participant AS (
    SELECT * FROM ranked
    WHERE rank_in_participant = 1
),

duplicated AS (
    SELECT DISTINCT worse.sample_id
    FROM core.kinship
    INNER JOIN one_per_participant AS worse
        ON worse.sample_id IN (kinship.sample_id_1, kinship.sample_id_2)
    INNER JOIN one_per_participant AS better
        ON
            worse.sample_id != better.sample_id
            AND better.sample_id IN (kinship.sample_id_1, kinship.sample_id_2)
    WHERE
        kinship.kinship > $duplicate_kinship_min
        AND (NOT better.is_ever_case, -better.call_rate, better.sample_id)
        < (NOT worse.is_ever_case, -worse.call_rate, worse.sample_id)
),

decided AS (
    SELECT
        member.*,
        CASE
            WHEN member.quality_reason IS NOT NULL THEN member.quality_reason
            WHEN ranked.rank_in_participant > 1
                THEN 'another sample of the participant is used'
            WHEN duplicated.sample_id IS NOT NULL THEN 'duplicate of a better called sample'
        END AS exclusion_reason
    FROM member
    LEFT JOIN ranked ON member.sample_id = ranked.sample_id
    LEFT JOIN duplicated ON member.sample_id = duplicated.sample_id
),

fingerprint AS (
    SELECT
        contrast,
        left(
            sha256(string_agg(concat_ws('|', sample_id, is_case, stratum), ';' ORDER BY sample_id)),
            12
        ) AS analysis_set_hash
    FROM decided
    WHERE exclusion_reason IS NULL
    GROUP BY contrast
)

SELECT
    decided.contrast,
    decided.sample_id,
    decided.participant_id,
    decided.cohort,
    decided.is_case,
    decided.stratum,
    CASE WHEN decided.exclusion_reason IS NULL THEN 1.0 ELSE 0.0 END AS weight,
    decided.exclusion_reason IS NULL AS is_included,
    decided.exclusion_reason,
    coalesce(fingerprint.analysis_set_hash, 'empty') AS analysis_set_hash
FROM decided
LEFT JOIN fingerprint ON decided.contrast = fingerprint.contrast
ORDER BY decided.contrast, decided.sample_id
