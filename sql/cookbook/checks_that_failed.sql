-- Which checks failed, and what did they find?
--
-- Grain:      one row per failed check.
-- Reads:      meta.check.
-- Parameters: none.
SELECT
    table_name,
    check_name,
    is_blocking,
    description
FROM meta."check"
WHERE NOT passed
ORDER BY table_name, check_name
