-- Which twenty variants are the best of each contrast?
--
-- Grain:      one row per contrast and place.
-- Reads:      result.association, core.variant_qc.
-- Parameters: none.
SELECT
    association.contrast,
    association.variant_id,
    variant_qc.rsid,
    association.n_case_het + association.n_case_hom_alt AS n_case_carrier,
    association.n_control_het + association.n_control_hom_alt AS n_control_carrier,
    association.odds_ratio,
    association.p_value,
    association.method,
    association.exact_p_value,
    association.fit_status
FROM result.association
INNER JOIN core.variant_qc ON association.variant_id = variant_qc.variant_id
WHERE association.genetic_model = 'additive'
QUALIFY
    row_number() OVER (
        PARTITION BY association.contrast
        ORDER BY association.p_value, association.variant_id
    ) <= 20
ORDER BY association.contrast, association.p_value, association.variant_id
