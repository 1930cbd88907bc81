-- result.lead_variant: declared loci and lead variants of each contrast.
--
-- Grain:      one row per contrast, variant and genetic model.
-- Reads:      result.association   one row per contrast, variant and genetic model;
--             result.control_scan  one row per pair of control cohorts, variant and model;
--             result.external_frequency  one row per contrast and variant that the table has.
-- Parameters: wanted        rows of locus, variant_id, contrast, is_declared, n_clump;
--             contrast_control  rows of contrast, cohort: the controls of each contrast;
--             variant_gene  rows of variant_id, gene, gene_distance_bp, genes_overlapping;
--             $genome_wide_alpha, $bonferroni_alpha  thresholds of the study, the second
--             over all tests of the contrast (variants x models);
--             $false_discovery_rate  q_value at most this is significant.
-- missing_p_value, depth_ratio, consequence and what is conditional are put in by who runs this.
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
        sum(n_variant) AS n_test,
        $bonferroni_alpha / nullif(sum(n_variant), 0) AS bonferroni_p_max,
        $genome_wide_alpha AS genome_wide_p_max,
        $false_discovery_rate AS q_max
    FROM tested_by_model
    GROUP BY contrast
),

-- Benjamini & Hochberg over distinct P values: their number, not that of the tests, is sorted.
distinct_p AS (
    SELECT
        contrast,
        p_value,
        count(*) AS n
    FROM result.association
    WHERE fit_status != 'one_side_missing' AND p_value IS NOT NULL
    GROUP BY contrast, p_value
),

ranked AS (
    SELECT
        contrast,
        p_value,
        p_value / sum(n) OVER (PARTITION BY contrast ORDER BY p_value) AS p_per_rank
    FROM distinct_p
),

discovered AS (
    SELECT
        ranked.contrast,
        ranked.p_value,
        least(
            tested.n_test * min(ranked.p_per_rank) OVER (
                PARTITION BY ranked.contrast
                ORDER BY ranked.p_value
                ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
            ),
            1.0
        ) AS q_value
    FROM ranked
    INNER JOIN tested ON ranked.contrast = tested.contrast
),

between_control AS (
    SELECT
        contrast_control.contrast,
        control_scan.variant_id,
        control_scan.genetic_model,
        min(control_scan.p_value) FILTER (
            WHERE control_scan.fit_status != 'one_side_missing'
        ) AS p_value
    FROM result.control_scan
    INNER JOIN contrast_control
        ON contrast_control.cohort IN (control_scan.cohort_1, control_scan.cohort_2)
    SEMI JOIN wanted ON control_scan.variant_id = wanted.variant_id
    GROUP BY contrast_control.contrast, control_scan.variant_id, control_scan.genetic_model
)

SELECT
    association.contrast,
    wanted.locus,
    association.variant_id,
    association.genetic_model,
    wanted.is_declared,
    wanted.n_clump,
    variant_gene.gene,
    variant_gene.gene_distance_bp,
    variant_gene.genes_overlapping,
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
    association.odds_ratio_het,
    association.p_value,
    association.method,
    association.covariates,
    association.exact_p_value,
    association.exact_mid_p_value,
    association.minimum_attainable_p_value,
    association.exact_method,
    association.score_p_value,
    association.saddlepoint_p_value,
    association.wald_p_value,
    association.fit_status,
    association.separation,
    tested.n_variant_tested,
    coalesce(association.p_value < tested.bonferroni_p_max, FALSE) AS is_bonferroni_significant,
    discovered.q_value,
    coalesce(discovered.q_value <= tested.q_max, FALSE) AS is_bh_significant,
    coalesce(association.p_value < tested.genome_wide_p_max, FALSE) AS is_genome_wide_significant,
    between_control.p_value AS control_p_value,
    external_frequency.external_allele_freq,
    external_frequency.external_z,
    association.analysis_set_hash,
    association.is_confounded,
    association.confounded_by
FROM result.association
INNER JOIN wanted
    ON
        association.variant_id = wanted.variant_id
        AND association.contrast = wanted.contrast
INNER JOIN tested ON association.contrast = tested.contrast
LEFT JOIN discovered
    ON
        association.contrast = discovered.contrast
        AND association.p_value = discovered.p_value
        AND association.fit_status != 'one_side_missing'
LEFT JOIN between_control
    ON
        association.contrast = between_control.contrast
        AND association.variant_id = between_control.variant_id
        AND association.genetic_model = between_control.genetic_model
LEFT JOIN result.external_frequency
    ON
        association.contrast = external_frequency.contrast
        AND association.variant_id = external_frequency.variant_id
LEFT JOIN variant_gene ON association.variant_id = variant_gene.variant_id
ORDER BY
    association.contrast,
    wanted.is_declared DESC,
    association.variant_id,
    association.genetic_model
