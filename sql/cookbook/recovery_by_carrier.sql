-- Does carrying the variant go with faster recovery?
--
-- Grain:      one row per variant, coding of its genotype, definition, model and term.
-- Reads:      result.recovery_model.
-- Parameters: none.
SELECT
    locus,
    variant_id,
    genetic_model,
    definition,
    n,
    n_carrier,
    n_event,
    n_event_carrier,
    ratio_of,
    ratio,
    ci_lower,
    ci_upper,
    p_value,
    method,
    strata,
    proportional_hazards_p,
    caveat
FROM result.recovery_model
ORDER BY locus, variant_id, definition, method, genetic_model, ratio_of
