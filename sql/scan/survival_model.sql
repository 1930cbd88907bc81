-- survival_model: the survival scan of one event under one genetic model, in the order of the
-- genome.
--
-- Grain:      one row per variant_id that varies where there are events.
-- Reads:      result.survival_scan  one row per event, variant and genetic model.
-- Parameters: $event, $genetic_model.
-- Units:      pos is 1-based; n and n_event count participants.
SELECT
    event,
    variant_id,
    genetic_model,
    definition,
    time_origin,
    n,
    n_event,
    p_value,
    score_p_value,
    method,
    caveat,
    is_confounded,
    confounded_by,
    split_part(variant_id, '-', 1) AS chrom,
    cast(split_part(variant_id, '-', 2) AS BIGINT) AS pos
FROM result.survival_scan
WHERE
    event = $event
    AND genetic_model = $genetic_model
    AND score_z IS NOT NULL
ORDER BY chrom, pos, split_part(variant_id, '-', 3), split_part(variant_id, '-', 4)
