-- dosage(packed, sample_index): ALT alleles of one sample at one variant.
--
-- Returns: 0, 1 or 2; NULL for a missing call.
CREATE OR REPLACE MACRO dosage(packed, sample_index) AS
nullif(genotype_code(packed, sample_index), 3)
