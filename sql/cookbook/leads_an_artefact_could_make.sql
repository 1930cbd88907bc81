-- Which leads could an artefact of batch, calling or descent make?
--
-- Grain:      one row per contrast, lead and genetic model.
-- Reads:      result.lead_variant, result.masked_lead.
-- Parameters: none.
SELECT
    lead_variant.contrast,
    lead_variant.variant_id,
    lead_variant.genetic_model,
    lead_variant.p_value,
    lead_variant.control_p_value,
    lead_variant.missing_p_value,
    lead_variant.depth_ratio,
    lead_variant.external_z,
    lead_variant.confounded_by,
    string_agg(
        masked_lead.factor || ': ' || masked_lead.masking_status, ', ' ORDER BY masked_lead.factor
    )
        AS when_masked
FROM result.lead_variant
LEFT JOIN result.masked_lead
    ON
        lead_variant.contrast = masked_lead.contrast
        AND lead_variant.variant_id = masked_lead.variant_id
        AND lead_variant.genetic_model = masked_lead.genetic_model
GROUP BY ALL
ORDER BY
    lead_variant.contrast, lead_variant.p_value, lead_variant.variant_id, lead_variant.genetic_model
