-- count_by_genotype: rows of the scan whose counts are not those of their contrast.
--
-- Grain:      one row.
-- Reads:      result.association  one row per contrast, variant and genetic model;
--             core.analysis_set   one row per contrast and sample.
-- Parameters: none.
-- Units:      n_row and n_wrong count rows, n_case and n_control samples.
WITH member AS (
    SELECT
        contrast,
        count(*) FILTER (WHERE is_case) AS n_case,
        count(*) FILTER (WHERE NOT is_case) AS n_control
    FROM core.analysis_set
    WHERE is_included
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
