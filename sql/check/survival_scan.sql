-- survival_scan: rows of the survival scan that cannot be right.
--
-- Grain:      one row.
-- Reads:      result.survival_scan  one row per event, variant and genetic model.
-- Parameters: none.
-- Units:      n_* count rows. A hazard ratio is missing where no fit was asked for.
SELECT
    count(*) AS n_row,
    count(*) FILTER (
        WHERE NOT coalesce(p_value > 0 AND p_value <= 1, FALSE)
        OR NOT coalesce(hazard_ratio BETWEEN ci_lower AND ci_upper AND ci_lower > 0, TRUE)
    ) AS n_wrong_number,
    count(*) FILTER (
        WHERE n != n_hom_ref + n_het + n_hom_alt
        OR n_event != n_event_hom_ref + n_event_het + n_event_hom_alt
        OR n_event_hom_ref > n_hom_ref
        OR n_event_het > n_het
        OR n_event_hom_alt > n_hom_alt
    ) AS n_wrong_count
FROM result.survival_scan
