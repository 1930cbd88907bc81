-- count_by_genotype: rows of the scan whose counts are not those of their contrast.
--
-- Grain:      one row.
-- Reads:      result.association  one row per contrast, variant and genetic model;
--             core.analysis_set   one row per contrast and sample.
-- Parameters: none.
-- Units:      n_row and n_wrong count rows, n_case and n_control samples.
-- Samples of strata without the other side are in no test, and not counted.
WITH compared AS (
    SELECT
        contrast,
        is_case
    FROM core.analysis_set
    WHERE is_included
    QUALIFY count(DISTINCT is_case) OVER (PARTITION BY contrast, stratum) = 2
),

member AS (
    SELECT
        contrast,
        count(*) FILTER (WHERE is_case) AS n_case,
        count(*) FILTER (WHERE NOT is_case) AS n_control
    FROM compared
    GROUP BY contrast
),

counted AS (
    SELECT
        contrast,
        n_case_hom_ref + n_case_het + n_case_hom_alt + n_case_missing AS n_case,
        n_control_hom_ref + n_control_het + n_control_hom_alt + n_control_missing AS n_control
    FROM result.association
)

SELECT
    count(*) AS n_row,
    count(*) FILTER (
        WHERE
        counted.n_case IS DISTINCT FROM member.n_case
        OR counted.n_control IS DISTINCT FROM member.n_control
    ) AS n_wrong
FROM counted
LEFT JOIN member ON counted.contrast = member.contrast
