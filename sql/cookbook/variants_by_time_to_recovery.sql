-- Which variants go with earlier recovery, or earlier death, most?
--
-- Grain:      one row per event and place: the ten of smallest P, under the additive model.
-- Reads:      result.survival_scan, result.survival_inflation.
-- Parameters: none.
SELECT
    survival_scan.event,
    survival_scan.variant_id,
    survival_scan.n,
    survival_scan.n_event,
    survival_scan.n_het + survival_scan.n_hom_alt AS n_carrier,
    survival_scan.n_event_het + survival_scan.n_event_hom_alt AS n_event_carrier,
    survival_scan.hazard_ratio,
    survival_scan.ci_lower,
    survival_scan.ci_upper,
    survival_scan.p_value,
    survival_scan.method,
    survival_scan.fit_status,
    survival_inflation.lambda_gc,
    survival_inflation.lambda_lower,
    survival_inflation.lambda_upper,
    survival_scan.caveat
FROM result.survival_scan
INNER JOIN result.survival_inflation
    ON
        survival_scan.event = survival_inflation.event
        AND survival_scan.genetic_model = survival_inflation.genetic_model
WHERE survival_scan.genetic_model = 'additive'
QUALIFY
    row_number() OVER (
        PARTITION BY survival_scan.event
        ORDER BY survival_scan.p_value, survival_scan.variant_id
    ) <= 10
ORDER BY survival_scan.event, survival_scan.p_value, survival_scan.variant_id
