-- What did the importer of clinical files repair, refuse and flag?
--
-- Grain:      one row per file, action, reason and column.
-- Reads:      raw.clinical_note.
-- Parameters: none.
SELECT
    source_file,
    action,
    reason,
    source_column,
    count(*) AS n_note,
    count(DISTINCT source_line) AS n_line,
    min(source_line) AS first_line
FROM raw.clinical_note
GROUP BY source_file, action, reason, source_column
ORDER BY source_file, action, n_note DESC, reason, source_column
