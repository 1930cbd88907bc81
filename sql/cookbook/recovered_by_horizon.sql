-- What share of each carrier group has recovered by 36, 60 and 84 months?
--
-- Grain:      one row per variant, group and horizon.
-- Reads:      result.recovery_curve.
-- Parameters: none.
SELECT
    recovery_curve.locus,
    recovery_curve.carrier_group,
    horizon.months,
    arg_max(recovery_curve.cumulative_incidence, recovery_curve.duration_months)
        AS cumulative_incidence,
    arg_max(recovery_curve.ci_lower, recovery_curve.duration_months) AS ci_lower,
    arg_max(recovery_curve.ci_upper, recovery_curve.duration_months) AS ci_upper,
    sum(recovery_curve.n_event) AS n_event,
    recovery_curve.method
FROM result.recovery_curve
INNER JOIN (VALUES (36), (60), (84)) AS horizon (months)
    ON recovery_curve.duration_months <= horizon.months
WHERE recovery_curve.event = 'recovery' AND recovery_curve.genetic_model = 'dominant'
GROUP BY
    recovery_curve.locus, recovery_curve.carrier_group, horizon.months, recovery_curve.method
ORDER BY recovery_curve.locus, horizon.months, recovery_curve.carrier_group
