-- core.quality_loss: what is left out step by step, from the input to what passes quality.
--
-- Grain:      one row per what (record, variant or sample) and step.
-- Reads:      raw.callset         one row per genotype file;
--             raw.callset_sample  one row per sample of a genotype file;
--             core.variant_qc     one row per variant_id;
--             core.sample_qc      one row per sample_id that is used.
-- Parameters: reason_step      rows of what, place, loss_reason: quality's reasons, gravest first;
--             excluded_sample  rows of sample_id: left out in study.yaml.
-- Units:      n_* count records, variants or samples; each is lost once, for its gravest reason.
-- A record of several ALT alleles is several variants: variants start with their own input.
WITH held_sample AS (
    SELECT
        callset_sample.sample_id,
        CASE
            WHEN
                callset_sample.sample_id IN (SELECT excluded_sample.sample_id FROM excluded_sample)
                THEN 'excluded in study.yaml'
            WHEN callset_sample.is_listed IS FALSE THEN 'not in the table of samples'
            ELSE sample_qc.filter_reason
        END AS loss_reason
    FROM raw.callset_sample
    LEFT JOIN core.sample_qc ON callset_sample.sample_id = sample_qc.sample_id
),

lost AS (
    SELECT
        'record' AS what,
        'contig outside chr1-22, X, Y, M' AS loss_reason,
        sum(n_left_out) AS n_lost
    FROM raw.callset
    UNION ALL
    SELECT
        'variant' AS what,
        filter_reason AS loss_reason,
        count(*) AS n_lost
    FROM core.variant_qc
    WHERE filter_reason IS NOT NULL
    GROUP BY filter_reason
    UNION ALL
    SELECT
        'sample' AS what,
        loss_reason,
        count(*) AS n_lost
    FROM held_sample
    WHERE loss_reason IS NOT NULL
    GROUP BY loss_reason
),

input AS (
    SELECT
        'record' AS what,
        coalesce(sum(n_record), 0) AS n_input
    FROM raw.callset
    UNION ALL
    SELECT
        'variant' AS what,
        count(*) AS n_input
    FROM core.variant_qc
    UNION ALL
    SELECT
        'sample' AS what,
        count(*) AS n_input
    FROM held_sample
),

known_step AS (
    SELECT
        what,
        0 AS place,
        'input' AS loss_reason
    FROM input
    UNION ALL
    SELECT
        'record' AS what,
        1 AS place,
        'contig outside chr1-22, X, Y, M' AS loss_reason
    UNION ALL
    SELECT
        'sample' AS what,
        1 AS place,
        'excluded in study.yaml' AS loss_reason
    UNION ALL
    SELECT
        'sample' AS what,
        2 AS place,
        'not in the table of samples' AS loss_reason
    UNION ALL
    SELECT
        what,
        place,
        loss_reason
    FROM reason_step
),

numbered AS (
    SELECT
        known_step.what,
        known_step.loss_reason,
        row_number() OVER (PARTITION BY known_step.what ORDER BY known_step.place) - 1 AS step,
        coalesce(lost.n_lost, 0) AS n_lost
    FROM known_step
    LEFT JOIN lost ON known_step.what = lost.what AND known_step.loss_reason = lost.loss_reason
),

running AS (
    SELECT
        what,
        loss_reason,
        step,
        n_lost,
        sum(n_lost) OVER (PARTITION BY what ORDER BY step) AS n_lost_so_far
    FROM numbered
)

SELECT
    running.what,
    running.step,
    running.loss_reason,
    input.n_input - running.n_lost_so_far + running.n_lost AS n_before,
    running.n_lost,
    input.n_input - running.n_lost_so_far AS n_after
FROM running
INNER JOIN input ON running.what = input.what
ORDER BY running.what, running.step
