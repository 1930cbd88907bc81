-- Do carriers decline more slowly, by every model that was asked, and how sure is each of it?
--
-- Grain:      one row per variant, genetic model, method, strata and term.
-- Reads:      result.trajectory_model.
-- Parameters: none.
SELECT
    locus,
    variant_id,
    genetic_model,
    method,
    strata,
    term,
    n,
    n_carrier,
    n_carrier_repeated,
    n_event,
    n_visit,
    estimate,
    ci_lower,
    ci_upper,
    p_value,
    t_degrees_of_freedom,
    floor_rate_carrier,
    floor_rate_non_carrier,
    fit_status,
    caveat
FROM result.trajectory_model
ORDER BY
    locus,
    variant_id,
    genetic_model,
    method,
    strata,
    term
