-- Who recovered, when did it begin and when was it confirmed?
--
-- Grain:      one row per participant with a confirmed recovery.
-- Reads:      core.outcome, core.carrier.
-- Parameters: none.
SELECT
    outcome.participant_id,
    carrier.cohort,
    carrier.locus,
    carrier.dosage,
    outcome.nadir_total,
    outcome.gain,
    outcome.recovery_left_day,
    outcome.recovery_right_day,
    outcome.confirmation_day,
    outcome.duration_months
FROM core.outcome
INNER JOIN core.carrier ON outcome.participant_id = carrier.participant_id
WHERE outcome.event_recovery
ORDER BY carrier.cohort, outcome.participant_id, carrier.locus
