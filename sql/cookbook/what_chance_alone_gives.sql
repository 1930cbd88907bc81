-- Which P value would chance alone give somewhere in the genome, and which was seen?
--
-- Grain:      one row per contrast and genetic model.
-- Reads:      result.permutation.
-- Parameters: none.
SELECT
    contrast,
    genetic_model,
    n_variant,
    n_permutation,
    family_wise_alpha,
    family_wise_p_max,
    family_wise_p_max_lower,
    family_wise_p_max_upper,
    smallest_exact_p_value,
    family_wise_p_value,
    exact_lambda_gc,
    exact_lambda_lower,
    exact_lambda_upper
FROM result.permutation
ORDER BY contrast, genetic_model
