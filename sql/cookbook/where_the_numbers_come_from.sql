-- Which run, code and content is each table from?
--
-- Grain:      one row per table.
-- Reads:      meta.table_version.
-- Parameters: none.
SELECT
    table_name,
    count(*) AS n_partition,
    sum(n_row) AS n_row,
    string_agg(DISTINCT code_version, ', ') AS code_version,
    string_agg(DISTINCT run_id, ', ') AS run_id
FROM meta.table_version
GROUP BY table_name
ORDER BY table_name
