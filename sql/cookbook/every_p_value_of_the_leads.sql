-- What does every test say of the declared and lead variants?
--
-- Grain:      one row per contrast, variant and genetic model.
-- Reads:      result.lead_variant.
-- Parameters: none.
SELECT
    contrast,
    locus,
    variant_id,
    genetic_model,
    odds_ratio,
    ci_lower,
    ci_upper,
    method,
    p_value,
    exact_method,
    exact_p_value,
    fit_status,
    n_variant_tested
FROM result.lead_variant
ORDER BY contrast, locus, genetic_model
