-- one_model: the tests of one contrast under one genetic model, in the order of the genome.
--
-- Grain:      one row per variant_id with calls of both sides, where the coded genotype varies.
-- Reads:      result.association  one row per contrast, variant and genetic model.
-- Parameters: $contrast, $genetic_model.
-- Units:      pos is 1-based; variant_id is chrom-pos-ref-alt.
SELECT
    contrast,
    variant_id,
    genetic_model,
    p_value,
    exact_p_value,
    method,
    n_case_hom_ref,
    n_case_het,
    n_case_hom_alt,
    n_case_missing,
    n_control_hom_ref,
    n_control_het,
    n_control_hom_alt,
    n_control_missing,
    is_confounded,
    confounded_by,
    split_part(variant_id, '-', 1) AS chrom,
    cast(split_part(variant_id, '-', 2) AS BIGINT) AS pos
FROM result.association
WHERE
    contrast = $contrast
    AND genetic_model = $genetic_model
    AND fit_status NOT IN ('one_side_missing', 'monomorphic')
ORDER BY chrom, pos, split_part(variant_id, '-', 3), split_part(variant_id, '-', 4)
