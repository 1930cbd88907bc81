-- core.analysis_set: who is compared with whom in each contrast, and why a sample is out.
--
-- Grain:      one row per contrast and sample of the contrast's cohorts.
-- Reads:      raw.sample       one row per sample_id;
--             raw.participant  one row per participant_id;
--             core.sample_qc   one row per sample_id that was called;
--             core.kinship     one row per related pair of samples.
-- Parameters: contrast_cohort  rows of contrast, cohort, is_case, by_ancestry, by_sex;
--             excluded_sample  rows of sample_id, reason: left out on purpose;
--             $duplicate_kinship_min  kinship above which two samples are one genome.
-- Units:      weight is 1 for every included sample and 0 for the others.
-- Of two samples of one person or one genome the better called stays (cases first).
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
            CASE WHEN contrast_cohort.by_sex THEN coalesce(sample.sex, participant.sex) END
        ) AS stratum,
        CASE
            WHEN excluded_sample.reason IS NOT NULL THEN 'excluded: ' || excluded_sample.reason
            WHEN sample_qc.sample_id IS NULL THEN 'not called'
            WHEN sample_qc.filter_reason IS NOT NULL THEN sample_qc.filter_reason
            WHEN contrast_cohort.by_ancestry AND participant.ancestry IS NULL THEN 'no ancestry'
            WHEN
                contrast_cohort.by_sex AND coalesce(sample.sex, participant.sex) IS NULL
                THEN 'no sex'
        END AS quality_reason
    FROM raw.sample
    INNER JOIN contrast_cohort ON sample.cohort = contrast_cohort.cohort
    INNER JOIN raw.participant ON sample.participant_id = participant.participant_id
    LEFT JOIN core.sample_qc ON sample.sample_id = sample_qc.sample_id
    LEFT JOIN excluded_sample ON sample.sample_id = excluded_sample.sample_id
),

one_per_participant AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY contrast, participant_id, quality_reason IS NULL
            ORDER BY is_case DESC, call_rate DESC, sample_id
        ) AS rank_in_participant
    FROM member
),

usable AS (
    SELECT * FROM one_per_participant
    WHERE quality_reason IS NULL AND rank_in_participant = 1
),

duplicated AS (
    SELECT
        worse.contrast,
        worse.sample_id
    FROM core.kinship
    INNER JOIN usable AS worse
        ON worse.sample_id IN (kinship.sample_id_1, kinship.sample_id_2)
    INNER JOIN usable AS better
        ON
            worse.contrast = better.contrast
            AND worse.sample_id != better.sample_id
            AND better.sample_id IN (kinship.sample_id_1, kinship.sample_id_2)
    WHERE
        kinship.kinship > $duplicate_kinship_min
        AND (NOT better.is_case, -better.call_rate, better.sample_id)
        < (NOT worse.is_case, -worse.call_rate, worse.sample_id)
    GROUP BY worse.contrast, worse.sample_id
),

decided AS (
    SELECT
        one_per_participant.*,
        CASE
            WHEN one_per_participant.quality_reason IS NOT NULL
                THEN one_per_participant.quality_reason
            WHEN
                one_per_participant.rank_in_participant > 1
                THEN 'another sample of the participant is used'
            WHEN duplicated.sample_id IS NOT NULL THEN 'duplicate of a better called sample'
        END AS exclusion_reason
    FROM one_per_participant
    LEFT JOIN duplicated
        ON
            one_per_participant.contrast = duplicated.contrast
            AND one_per_participant.sample_id = duplicated.sample_id
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
