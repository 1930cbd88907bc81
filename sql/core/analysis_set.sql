-- core.analysis_set: who is compared with whom in each contrast, and why a sample is out.
--
-- Grain:      one row per contrast and sample of the contrast's cohorts.
-- Reads:      nothing: what was decided before comes as frames.
-- Parameters: member   rows of comparison/member with exclusion_reason: NULL where quality,
--                      relatives and ancestry let the sample in;
--             matched  rows of contrast, sample_id, matched_set, match_distance,
--                      unmatched_reason: of contrasts that are matched, those let in.
-- Units:      weight is 1 for every included sample and 0 for the others.
-- Of relatives one stays, in every contrast: curves and models join the contrasts.
WITH decided AS (
    SELECT
        member.contrast,
        member.sample_id,
        member.participant_id,
        member.cohort,
        member.is_case,
        member.stratum,
        matched.matched_set,
        matched.match_distance,
        coalesce(member.exclusion_reason, matched.unmatched_reason) AS exclusion_reason
    FROM member
    LEFT JOIN matched
        ON member.contrast = matched.contrast AND member.sample_id = matched.sample_id
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
    decided.matched_set,
    decided.match_distance,
    CASE WHEN decided.exclusion_reason IS NULL THEN 1.0 ELSE 0.0 END AS weight,
    decided.exclusion_reason IS NULL AS is_included,
    decided.exclusion_reason,
    coalesce(fingerprint.analysis_set_hash, 'empty') AS analysis_set_hash
FROM decided
LEFT JOIN fingerprint ON decided.contrast = fingerprint.contrast
ORDER BY decided.contrast, decided.sample_id
