-- What is the smallest odds ratio that each variant's frequency allowed to be seen?
--
-- Grain:      one row per contrast, variant and alpha; the hundred of smallest exact P.
-- Reads:      result.association, result.detectable_frequency.
-- Parameters: none.
WITH one_model AS (
    SELECT
        contrast,
        variant_id,
        odds_ratio,
        exact_p_value,
        (n_control_het + n_control_hom_alt)
        / nullif(n_control_hom_ref + n_control_het + n_control_hom_alt, 0) AS control_carrier_freq
    FROM result.association
    WHERE genetic_model = 'additive'
    ORDER BY exact_p_value, variant_id, contrast
    LIMIT 100
)

SELECT
    one_model.contrast,
    one_model.variant_id,
    one_model.odds_ratio,
    one_model.exact_p_value,
    detectable_frequency.alpha,
    detectable_frequency.power,
    detectable_frequency.n_case,
    detectable_frequency.n_control,
    detectable_frequency.n_control_carrier,
    detectable_frequency.detectable_status,
    round(detectable_frequency.minimum_detectable_odds_ratio, 2) AS minimum_detectable_odds_ratio,
    detectable_frequency.minimum_case_carriers
FROM one_model
INNER JOIN result.detectable_frequency
    ON one_model.contrast = detectable_frequency.contrast
QUALIFY
    row_number() OVER (
        PARTITION BY one_model.contrast, one_model.variant_id, detectable_frequency.alpha
        ORDER BY
            abs(detectable_frequency.control_carrier_freq - one_model.control_carrier_freq),
            detectable_frequency.n_control_carrier
    ) = 1
ORDER BY
    one_model.exact_p_value,
    one_model.variant_id,
    one_model.contrast,
    detectable_frequency.alpha
