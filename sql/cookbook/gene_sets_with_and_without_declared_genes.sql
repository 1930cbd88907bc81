-- Does a set of genes still carry a signal without the declared gene that led to it?
--
-- Grain:      one row per contrast, gene set, mask and choice of genes left out.
-- Reads:      result.pathway_test.
-- Parameters: none.
SELECT
    contrast,
    gene_set,
    mask,
    gene_left_out,
    n_gene,
    n_gene_untested,
    n_gene_unknown,
    n_gene_other,
    self_contained_p_value,
    competitive_p_value,
    is_circular,
    circularity,
    n_case,
    n_control,
    n_draw,
    method,
    confounded_by
FROM result.pathway_test
ORDER BY contrast, gene_set, mask, is_circular DESC, gene_left_out
