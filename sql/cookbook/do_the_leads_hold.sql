-- Do the leads hold in every control arm, and on how few cases does each rest?
--
-- Grain:      one row per contrast, lead and genetic model (not genotypic).
-- Reads:      result.lead_arm, result.lead_influence, result.lead_correction.
-- Parameters: none.
-- agreement_p_value is NULL in a contrast with one control cohort.
SELECT
    joint.contrast,
    joint.variant_id,
    joint.genetic_model,
    joint.n_case,
    joint.n_control,
    joint.odds_ratio,
    joint.p_value,
    common.agreement_p_value,
    lead_influence.p_value_max,
    lead_influence.fragility,
    lead_influence.alpha,
    lead_correction.corrected_odds_ratio,
    joint.confounded_by
FROM result.lead_arm AS joint
LEFT JOIN result.lead_arm AS common
    ON
        joint.contrast = common.contrast
        AND joint.variant_id = common.variant_id
        AND joint.genetic_model = common.genetic_model
        AND common.term = 'common'
LEFT JOIN result.lead_influence
    ON
        joint.contrast = lead_influence.contrast
        AND joint.variant_id = lead_influence.variant_id
        AND joint.genetic_model = lead_influence.genetic_model
LEFT JOIN result.lead_correction
    ON
        joint.contrast = lead_correction.contrast
        AND joint.variant_id = lead_correction.variant_id
        AND joint.genetic_model = lead_correction.genetic_model
WHERE joint.term = 'joint'
ORDER BY joint.contrast, joint.p_value, joint.variant_id, joint.genetic_model
