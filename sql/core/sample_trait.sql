-- core.sample_trait: whose each sample is, its cohort, and the traits that it is judged by.
--
-- Grain:      one row per sample_id.
-- Reads:      raw.sample       one row per sample_id;
--             raw.participant  one row per participant_id.
-- Parameters: none.
-- Units:      sex is the sample's own, or else its participant's; NULL where neither is given;
--             ancestry and age_at_onset_years are the participant's, NULL where not given.
SELECT
    sample.sample_id,
    sample.participant_id,
    sample.cohort,
    coalesce(sample.sex, participant.sex) AS sex,
    participant.ancestry,
    participant.age_at_onset_years
FROM raw.sample
LEFT JOIN raw.participant ON sample.participant_id = participant.participant_id
ORDER BY sample.sample_id
