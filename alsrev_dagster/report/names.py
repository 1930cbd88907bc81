"""Names of methods, statuses and models, in words."""

from alsrev_dagster.report import numerals

_METHOD = {
    "logistic_firth_lrt": "Firth-penalised logistic regression, penalised likelihood-ratio test",
    "logistic_firth_lrt_stratified": "Firth-penalised logistic regression with strata, "
    "penalised likelihood-ratio test",
    "logistic_firth_lrt_genotypic": "Firth-penalised logistic regression of heterozygotes and of "
    "homozygotes, penalised likelihood-ratio test of both",
    "logistic_saddlepoint": "saddlepoint of the score test: a screen, without an estimate",
    "logistic_score": "score test: a screen, without an estimate",
    "polytomous_firth_lrt": "multinomial Firth model of cases and each control arm, "
    "penalised likelihood-ratio test",
    "mantel_haenszel": "Cochran-Mantel-Haenszel over strata",
    "mantel_trend": "Mantel's trend over strata",
    "fixed_effect_shared_cases": "arms alone combined, shared cases in the variance",
    "fisher_exact": "Fisher's exact test",
    "exact_conditional_trend": "exact conditional trend test",
    "exact_conditional_trend_stratified": "exact conditional trend test, stratified",
    "fisher_exact_stratified": "exact conditional test of carriers, stratified",
    "permutation_within_strata": "labels shuffled within strata, smallest exact P of all variants",
    "freeman_halton_exact": "Fisher-Freeman-Halton exact test, every table counted",
    "freeman_halton_exact_stratified": "exact conditional test of three genotypes, stratified",
    "freeman_halton_monte_carlo": "Fisher-Freeman-Halton test, P estimated from random tables",
    "freeman_halton_within_strata_monte_carlo": "Fisher-Freeman-Halton test within strata, "
    "P estimated from random tables",
    "kolmogorov_smirnov_within_strata_monte_carlo": "Kolmogorov-Smirnov distance within strata, "
    "P estimated from random labellings",
    "kolmogorov_smirnov_exact": "Kolmogorov-Smirnov test, exact without ties",
    "kolmogorov_smirnov_asymptotic": "Kolmogorov-Smirnov test, asymptotic",
    "kaplan_meier": "Kaplan-Meier",
    "aalen_johansen": "Aalen-Johansen",
    "pseudo_values": "pseudo-values of the Aalen-Johansen estimate, Student's t within strata",
    "cox": "Cox model",
    "cox_wald": "Cox model, Wald test and interval",
    "cox_cause_specific_wald": "cause-specific Cox model, Wald test and interval",
    "cox_cause_specific_firth_lrt": "cause-specific Firth-penalised Cox model, penalised "
    "likelihood-ratio test",
    "cox_cause_specific_weighted_robust_wald": "cause-specific Cox model weighted by sampling "
    "fractions, robust Wald test",
    "cox_weighted_robust_wald": "Cox model weighted by sampling fractions, robust Wald test",
    "cox_clustered_robust_wald": "Cox model, robust Wald test over clusters",
    "cox_cause_specific_clustered_robust_wald": "cause-specific Cox model, robust Wald test over "
    "clusters",
    "cox_robust_wald": "Cox model, robust Wald test",
    "fine_gray_robust_wald": "Fine-Gray model, robust Wald test",
    "fine_gray_firth_lrt": "Firth-penalised Fine-Gray model, penalised likelihood-ratio test",
    "weibull_interval_lrt": "Weibull time between visits, likelihood-ratio test",
    "weibull_interval_firth_lrt": "penalised Weibull time between visits, likelihood-ratio test",
    "mixture_cure_firth_lrt": "mixture of those who recover and those who never do, "
    "likelihood-ratio test, odds penalised",
    "aft_weibull_wald": "Weibull accelerated failure time model, Wald test",
    "mean_of_those_seen": "mean of those seen",
    "mixed_model_linear": "linear mixed model, Student's t with Satterthwaite's degrees of freedom",
    "mixed_model_spline": "mixed model with time as a restricted cubic spline",
    "mixed_model_tobit": "mixed model of scores censored at 0 and 48 (tobit)",
    "pattern_mixture": "pattern mixture: mixed model by when people died, averaged",
    "tipping_point": "unseen scores filled in (multiple imputation), and tipped",
    "joint_model": "joint model of scores and death (current value, Weibull hazard)",
    "two_stage_biased_toward_null": "two-stage model: biased toward the null",
    "cox_firth": "Firth-penalised Cox model",
    "cox_firth_lrt": "Firth-penalised Cox model, penalised likelihood-ratio test",
    "cox_firth_lrt_offset": "Firth-penalised Cox model, likelihood-ratio test, covariates fixed",
    "cox_permutation_exact": "exact permutation test of the Cox score",
    "cox_saddlepoint": "Cox score test, saddlepoint approximation",
    "cox_score": "Cox score test",
}
_STATUS = {
    "ok": "fitted",
    "separated": "separated: the allele parts the two sides completely, so the size is uncertain",
    "monomorphic": "monomorphic: all are alike in genotype, so there is nothing to compare",
    "one_side_missing": "not called in one of the two sides, so there is nothing to compare",
    "not_converged": "the fit did not converge",
    "screened": "screened: the score test's P stands, no estimate was sought",
    "no_event": "no event",
    "no_events": "no event",
    "too_few_events": "too few events",
    "collinear": "a covariate tells the genotype, so there is no estimate",
    "short_follow_up": "fitted; follow-up is too short to tell late recoveries from none",
    "not_identified": "without the penalty there is no estimate",
    "beyond_follow_up": "nobody was followed so long",
    "nobody_in_state": "nobody was seen in it",
    "no_common_stratum": "no stratum has both, so there is nothing to compare",
    "no_interval": "one is alone in a stratum, or nobody differs from another: no interval",
    "one_cluster": "all are of one cluster: no variance",
    "no_carrier": "no carrier",
    "no_carriers": "no carrier",
}
_MODEL = {
    "additive": "for each ALT allele",
    "dominant": "for one or two ALT alleles against none",
    "recessive": "for two ALT alleles against fewer",
    "genotypic": "for two ALT alleles against none, heterozygotes apart",
}


def plain(name: object) -> str:
    """Write an identifier as words."""
    return numerals.NONE if numerals.is_null(name) else str(name).replace("_", " ")


def method(name: object) -> str:
    """Say which test or model stands behind a number."""
    known = str(name).removesuffix("_adjusted")
    adjusted = ", adjusted for covariates" if known != str(name) else ""
    return _METHOD.get(known, plain(known)) + adjusted


def status(name: object) -> str:
    """Say how a fit went."""
    return _STATUS.get(str(name), plain(name))


def coding(genetic_model: object) -> str:
    """Say what an odds ratio is per, under a genetic model."""
    return _MODEL.get(str(genetic_model), f"under the {plain(genetic_model)} model")
