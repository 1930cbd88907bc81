-- Which genes have variants that, taken together, go with being a case?
--
-- Grain:      one row per contrast and gene.
-- Reads:      result.set_test.
-- Parameters: none.
WITH gene AS (
    SELECT
        contrast,
        gene,
        chrom,
        chosen_by,
        p_value,
        n_draw,
        n_variant,
        n_case,
        n_control,
        method,
        confounded_by
    FROM result.set_test
    WHERE mask = 'every_mask'
),

burden AS (
    SELECT
        contrast,
        gene,
        chrom,
        string_agg(
            mask || ': ' || n_carrier_case || ' and ' || n_carrier_control || ' carriers',
            '; '
            ORDER BY mask
        ) AS carriers_of_cases_and_controls
    FROM result.set_test
    WHERE test = 'burden'
    GROUP BY ALL
)

SELECT
    gene.contrast,
    gene.gene,
    gene.chosen_by,
    gene.p_value,
    least(1, gene.p_value * count(*) OVER (PARTITION BY gene.contrast)) AS bonferroni_p_value,
    gene.n_draw,
    gene.n_variant,
    gene.n_case,
    gene.n_control,
    burden.carriers_of_cases_and_controls,
    gene.method,
    gene.confounded_by
FROM gene
INNER JOIN burden
    ON
        gene.contrast = burden.contrast
        AND gene.gene = burden.gene
        AND gene.chrom = burden.chrom
ORDER BY gene.contrast, gene.p_value, gene.gene
