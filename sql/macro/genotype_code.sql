-- genotype_code(packed, sample_index): code of one sample at one variant.
--
-- Returns: 0 hom-ref, 1 het, 2 hom-alt, 3 missing. Samples count from 0, in the order of
--          raw.callset_sample.
CREATE OR REPLACE MACRO genotype_code(packed, sample_index) AS
get_bit(packed::BIT, (2 * sample_index)::INTEGER) * 2
+ get_bit(packed::BIT, (2 * sample_index + 1)::INTEGER)
