-- Do carriers have other IGF-1 or IGFBP7 levels?
--
-- Grain:      one row per locus, analyte and carrier status.
-- Reads:      raw.biomarker, core.carrier.
-- Parameters: none.
SELECT
    carrier.locus,
    biomarker.analyte,
    biomarker.unit,
    carrier.carrier,
    count(*) AS n_measurement,
    count(DISTINCT biomarker.participant_id) AS n_participant,
    avg(biomarker.value) AS mean_value,
    stddev_samp(biomarker.value) AS sd_value
FROM raw.biomarker
INNER JOIN core.carrier ON biomarker.participant_id = carrier.participant_id
GROUP BY carrier.locus, biomarker.analyte, biomarker.unit, carrier.carrier
ORDER BY carrier.locus, biomarker.analyte, carrier.carrier
