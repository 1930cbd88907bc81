-- What do the summary statistics of others say of our leads?
--
-- Grain:      one row per contrast, lead and source that has it.
-- Reads:      result.lead_external.
-- Parameters: none.
SELECT
    contrast,
    variant_id,
    locus,
    n_case,
    n_control,
    beta,
    p_value,
    source,
    external_n,
    external_beta,
    external_standard_error,
    external_p_value,
    is_same_direction,
    external_method
FROM result.lead_external
ORDER BY contrast, p_value, variant_id, source
