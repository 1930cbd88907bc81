-- core.sample_sex: whose each sample is, its cohort, and the one sex that everything judges it by.
--
-- Grain:      one row per sample_id.
-- Reads:      raw.sample       one row per sample_id;
--             raw.participant  one row per participant_id.
-- Parameters: none.
-- Units:      sex is the sample's own, or else its participant's; NULL where neither is given.
SELECT
    sample.sample_id,
    sample.participant_id,
    sample.cohort,
    coalesce(sample.sex, participant.sex) AS sex
FROM raw.sample
LEFT JOIN raw.participant ON sample.participant_id = participant.participant_id
ORDER BY sample.sample_id
