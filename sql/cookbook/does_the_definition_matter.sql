-- How do the counts and the effect of carrying a variant move with the definition of recovery?
--
-- Grain:      one row per declared or lead variant and combination of a definition's numbers.
-- Reads:      result.recovery_effect, result.recovery_grid.
-- Parameters: none.
SELECT
    effect.locus,
    effect.variant_id,
    effect.over,
    effect.min_gain_points,
    effect.min_duration_days,
    effect.n_confirming_visit,
    effect.is_study_definition,
    grid.n_followed,
    grid.n_recovered,
    grid.expected_false_rate,
    effect.n,
    effect.n_carrier,
    effect.n_event,
    effect.n_event_carrier,
    effect.n_stratum,
    effect.strata,
    effect.odds_ratio,
    effect.ci_lower,
    effect.ci_upper,
    effect.p_value,
    effect.exact_p_value,
    effect.method,
    effect.caveat
FROM result.recovery_effect AS effect
INNER JOIN result.recovery_grid AS grid ON effect.definition_hash = grid.definition_hash
ORDER BY
    effect.locus,
    effect.variant_id,
    effect.over,
    effect.min_duration_days,
    effect.min_gain_points,
    effect.n_confirming_visit
