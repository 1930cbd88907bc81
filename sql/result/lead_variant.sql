-- result.lead_variant: declared loci and lead variants of each contrast.
--
-- Grain:      one row per contrast, variant and genetic model.
-- Reads:      result.association   one row per contrast, variant and genetic model;
--             result.control_scan  one row per pair of control cohorts, variant and model;
--             result.external_frequency  one row per contrast and variant that the table has.
-- Parameters: wanted        rows of locus, variant_id, contrast, is_declared, n_clump;
--             contrast_control  rows of contrast, cohort: the controls of each contrast;
--             refitted      rows of result.association made anew, Firth's test and its interval
--             in each, which stand in place of the scan's; their rank is that of the scan's P;
--             variant_gene  rows of variant_id, gene, gene_distance_bp, genes_overlapping;
--             $genome_wide_alpha, $bonferroni_alpha  thresholds of the study, the second
--             over all tests of the contrast (variants x models);
--             $false_discovery_rate  q_value at most this is significant.
-- missing_p_value, depth_ratio, consequence and what is conditional are put in by who runs this.
-- Units:      p_value is that of record. Where one side has no call, or all who are called are
--             alike in the coded genotype, nothing was tested: in no count and without q_value.
--             case_alt_freq and control_alt_freq are of the called samples.
WITH tested_by_model AS (
    SELECT
        contrast,
        genetic_model,
        count(*) FILTER (
            WHERE fit_status NOT IN ('one_side_missing', 'monomorphic')
        ) AS n_variant
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
    WHERE fit_status NOT IN ('one_side_missing', 'monomorphic') AND p_value IS NOT NULL
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

evidence AS (
    SELECT
        association.*,
        association.p_value AS ranked_p_value
    FROM result.association
    SEMI JOIN wanted
        ON
            association.variant_id = wanted.variant_id
            AND association.contrast = wanted.contrast
    ANTI JOIN refitted
        ON
            association.variant_id = refitted.variant_id
            AND association.contrast = refitted.contrast
            AND association.genetic_model = refitted.genetic_model
    UNION ALL BY NAME
    SELECT
        refitted.*,
        association.p_value AS ranked_p_value
    FROM refitted
    INNER JOIN result.association
        ON
            refitted.variant_id = association.variant_id
            AND refitted.contrast = association.contrast
            AND refitted.genetic_model = association.genetic_model
),

between_control AS (
    SELECT
        contrast_control.contrast,
        control_scan.variant_id,
        control_scan.genetic_model,
        min(control_scan.p_value) FILTER (
            WHERE control_scan.fit_status NOT IN ('one_side_missing', 'monomorphic')
        ) AS p_value
    FROM result.control_scan
    INNER JOIN contrast_control
        ON contrast_control.cohort IN (control_scan.cohort_1, control_scan.cohort_2)
    SEMI JOIN wanted ON control_scan.variant_id = wanted.variant_id
    GROUP BY contrast_control.contrast, control_scan.variant_id, control_scan.genetic_model
)

SELECT
    evidence.contrast,
    wanted.locus,
    evidence.variant_id,
    evidence.genetic_model,
    wanted.is_declared,
    wanted.n_clump,
    variant_gene.gene,
    variant_gene.gene_distance_bp,
    variant_gene.genes_overlapping,
    evidence.n_case_hom_ref,
    evidence.n_case_het,
    evidence.n_case_hom_alt,
    evidence.n_case_missing,
    evidence.n_control_hom_ref,
    evidence.n_control_het,
    evidence.n_control_hom_alt,
    evidence.n_control_missing,
    (evidence.n_case_het + 2 * evidence.n_case_hom_alt) / nullif(
        2.0 * (evidence.n_case_hom_ref + evidence.n_case_het + evidence.n_case_hom_alt), 0
    ) AS case_alt_freq,
    (evidence.n_control_het + 2 * evidence.n_control_hom_alt) / nullif(
        2.0 * (evidence.n_control_hom_ref + evidence.n_control_het + evidence.n_control_hom_alt), 0
    ) AS control_alt_freq,
    evidence.beta,
    evidence.standard_error,
    evidence.odds_ratio,
    evidence.ci_lower,
    evidence.ci_upper,
    evidence.odds_ratio_het,
    evidence.ci_lower_het,
    evidence.ci_upper_het,
    evidence.p_value,
    evidence.method,
    evidence.covariates,
    evidence.exact_p_value,
    evidence.exact_mid_p_value,
    evidence.minimum_attainable_p_value,
    evidence.exact_method,
    evidence.score_p_value,
    evidence.saddlepoint_p_value,
    evidence.wald_p_value,
    evidence.fit_status,
    evidence.separation,
    tested.n_variant_tested,
    coalesce(evidence.p_value < tested.bonferroni_p_max, FALSE) AS is_bonferroni_significant,
    discovered.q_value,
    coalesce(discovered.q_value <= tested.q_max, FALSE) AS is_bh_significant,
    coalesce(evidence.p_value < tested.genome_wide_p_max, FALSE) AS is_genome_wide_significant,
    between_control.p_value AS control_p_value,
    external_frequency.external_allele_freq,
    external_frequency.external_z,
    evidence.analysis_set_hash,
    evidence.is_confounded,
    evidence.confounded_by
FROM evidence
INNER JOIN wanted
    ON
        evidence.variant_id = wanted.variant_id
        AND evidence.contrast = wanted.contrast
INNER JOIN tested ON evidence.contrast = tested.contrast
LEFT JOIN discovered
    ON
        evidence.contrast = discovered.contrast
        AND evidence.ranked_p_value = discovered.p_value
        AND evidence.fit_status NOT IN ('one_side_missing', 'monomorphic')
LEFT JOIN between_control
    ON
        evidence.contrast = between_control.contrast
        AND evidence.variant_id = between_control.variant_id
        AND evidence.genetic_model = between_control.genetic_model
LEFT JOIN result.external_frequency
    ON
        evidence.contrast = external_frequency.contrast
        AND evidence.variant_id = external_frequency.variant_id
LEFT JOIN variant_gene ON evidence.variant_id = variant_gene.variant_id
ORDER BY
    evidence.contrast,
    wanted.is_declared DESC,
    evidence.variant_id,
    evidence.genetic_model
