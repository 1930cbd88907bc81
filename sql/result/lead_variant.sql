-- result.lead_variant: declared loci and lead variants of each contrast.
--
-- Grain:      one row per contrast, variant and genetic model.
-- Reads:      result.association  one row per contrast, variant and genetic model.
-- Parameters: wanted        rows of locus, variant_id, contrast, is_declared;
--             variant_gene  rows of variant_id, gene, gene_distance_bp;
--             $genome_wide_alpha, $bonferroni_alpha  thresholds of the study, the second
--             over all tests of the contrast (variants x models).
-- Units:      p_value is that of record; where one side has no call nothing was tested.
WITH tested_by_model AS (
    SELECT
        contrast,
        genetic_model,
        count(*) FILTER (WHERE fit_status != 'one_side_missing') AS n_variant
    FROM result.association
    GROUP BY contrast, genetic_model
),

tested AS (
    SELECT
        contrast,
        max(n_variant) AS n_variant_tested,
        $bonferroni_alpha / nullif(sum(n_variant), 0) AS bonferroni_p_max,
        $genome_wide_alpha AS genome_wide_p_max
    FROM tested_by_model
    GROUP BY contrast
)

SELECT
    association.contrast,
    wanted.locus,
    association.variant_id,
    association.genetic_model,
    wanted.is_declared,
    variant_gene.gene,
    variant_gene.gene_distance_bp,
    association.n_case_hom_ref,
    association.n_case_het,
    association.n_case_hom_alt,
    association.n_case_missing,
    association.n_control_hom_ref,
    association.n_control_het,
    association.n_control_hom_alt,
    association.n_control_missing,
    association.beta,
    association.standard_error,
    association.odds_ratio,
    association.ci_lower,
    association.ci_upper,
    association.p_value,
    association.method,
    association.exact_p_value,
    association.exact_method,
    association.fit_status,
    tested.n_variant_tested,
    coalesce(association.p_value < tested.bonferroni_p_max, FALSE) AS is_bonferroni_significant,
    coalesce(association.p_value < tested.genome_wide_p_max, FALSE) AS is_genome_wide_significant,
    association.analysis_set_hash
FROM result.association
INNER JOIN wanted
    ON
        association.variant_id = wanted.variant_id
        AND association.contrast = wanted.contrast
INNER JOIN tested ON association.contrast = tested.contrast
LEFT JOIN variant_gene ON association.variant_id = variant_gene.variant_id
ORDER BY
    association.contrast,
    wanted.is_declared DESC,
    association.variant_id,
    association.genetic_model
