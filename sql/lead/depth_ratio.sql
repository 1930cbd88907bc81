-- lead/depth_ratio: how deep the cases' reads of each lead are beside the controls'.
--
-- Grain:      one row per contrast and lead that a callset of the cases alone and one of the
--             controls alone give a depth of.
-- Reads:      raw.genotype  one row per callset and variant_id.
-- Parameters: wanted        rows of contrast, variant_id;
--             side_callset  rows of contrast, callset, is_case: whose calls each side has.
-- Units:      depth_ratio is a ratio of reads a call, each callset's over its own median variant.
-- A callset of both sides was called and counted together: it tells nothing of a difference.
WITH typical AS (
    SELECT
        callset,
        median(mean_depth) AS mean_depth
    FROM raw.genotype
    GROUP BY callset
),

relative AS (
    SELECT
        genotype.callset,
        genotype.variant_id,
        genotype.n_depth,
        genotype.mean_depth / nullif(typical.mean_depth, 0) AS depth
    FROM raw.genotype
    INNER JOIN typical ON genotype.callset = typical.callset
    SEMI JOIN wanted ON genotype.variant_id = wanted.variant_id
    WHERE genotype.n_depth > 0
),

one_sided AS (
    SELECT
        contrast,
        callset,
        bool_and(is_case) AS is_case
    FROM side_callset
    GROUP BY contrast, callset
    HAVING bool_and(is_case) OR NOT bool_or(is_case)
),

by_side AS (
    SELECT
        wanted.contrast,
        wanted.variant_id,
        one_sided.is_case,
        sum(relative.n_depth * relative.depth) / sum(relative.n_depth) AS depth
    FROM wanted
    INNER JOIN one_sided ON wanted.contrast = one_sided.contrast
    INNER JOIN relative
        ON wanted.variant_id = relative.variant_id AND one_sided.callset = relative.callset
    GROUP BY wanted.contrast, wanted.variant_id, one_sided.is_case
)

SELECT
    contrast,
    variant_id,
    max(depth) FILTER (WHERE is_case) / nullif(max(depth) FILTER (WHERE NOT is_case), 0)
        AS depth_ratio
FROM by_side
GROUP BY contrast, variant_id
HAVING depth_ratio IS NOT NULL
ORDER BY contrast, variant_id
