-- indel_count: insertions and deletions; a query of a check, not a table.
--
-- Grain:      one row.
-- Reads:      raw.genotype  one row per variant_id and callset.
-- Parameters: none.
-- Units:      n_indel counts rows whose alleles are bases and differ in length.
SELECT count(*) AS n_indel
FROM raw.genotype
WHERE length(ref) != length(alt) AND regexp_full_match(alt, '[ACGTN]+')
ORDER BY ALL
