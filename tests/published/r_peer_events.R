# What R's survival, cmprsk and etm say of each cohort_*.csv in a folder: rows of told.csv there.
suppressPackageStartupMessages({library(survival); library(cmprsk); library(etm)})
told <- list()
or_nothing <- function(asked) tryCatch(asked, error = function(e) NA)

coxph_says <- function(d, formula, ties, ...) {
  m <- do.call(coxph, list(formula, d, ..., ties = ties, control = coxph.control(eps = 1e-11, iter.max = 60)))
  s <- summary(m)
  list(m = m, numbers = c(coef(m), sqrt(diag(m$var)), m$loglik, s$sctest[["test"]],
                          s$logtest[["pvalue"]], s$coefficients[, "Pr(>|z|)"]))
}

# Log-rank test under late entry: who has the event is drawn from each risk set.
drawn_from_risk_sets <- function(d, site) {
  sets <- list()
  for (one in unique(site)) for (t in unique(d$exit[d$recovered & site == one])) {
    r <- d[site == one & d$entry < t & d$exit >= t, ]
    sets[[length(sets) + 1]] <- data.frame(case = r$recovered & r$exit == t, x = r$x, set = paste(one, t))
  }
  sets <- do.call(rbind, sets)
  m <- coxph(Surv(rep(1, nrow(sets)), case) ~ x + strata(set), sets, ties = "exact")
  summary(m)$sctest[["test"]]
}

fine_gray_says <- function(d, ties, by_site) {
  f <- Surv(entry, exit, factor(code, 0:2)) ~ x + z + site + id + family
  if (by_site) f <- update(f, . ~ . - site + strata(site))
  long <- finegray(f, d, etype = "1", id = id)
  long$site <- d$site[match(long$id, d$id)]
  model <- if (by_site) Surv(fgstart, fgstop, fgstatus) ~ x + z + strata(site) else Surv(fgstart, fgstop, fgstatus) ~ x + z
  m <- coxph(model, long, weights = fgwt, ties = ties, cluster = family, control = coxph.control(eps = 1e-11, iter.max = 60))
  c(coef(m), sqrt(diag(m$var)), sqrt(diag(m$naive.var)), m$loglik)
}

hazards <- function(d, say) {
  plain <- Surv(entry, exit, recovered) ~ x + z
  by_site <- Surv(entry, exit, recovered) ~ x + z + strata(site)
  w <- quote(weight); family <- quote(family)
  for (ties in c("efron", "breslow")) {
    say("cox", ties, coxph_says(d, plain, ties)$numbers)
    strata <- coxph_says(d, by_site, ties)
    weighted <- coxph_says(d, by_site, ties, weights = w, cluster = quote(id))
    say("cox strata", ties, strata$numbers)
    say("cox strata weight", ties, weighted$numbers)
    say("cox strata cluster", ties, coxph_says(d, by_site, ties, cluster = family)$numbers)
    say("cox weight cluster", ties, coxph_says(d, plain, ties, weights = w, cluster = family)$numbers)
    for (transform in c("km", "identity")) {
      say("zph", transform, ties, cox.zph(strata$m, transform)$table[, "p"])
      say("zph weight", transform, ties, cox.zph(weighted$m, transform)$table[, "p"])
    }
  }
  say("log-rank late", drawn_from_risk_sets(d, 0 * d$site))
  say("log-rank late strata", drawn_from_risk_sets(d, d$site))
  for (rho in 0:1) {
    say("survdiff", rho, survdiff(Surv(exit, recovered) ~ x, d, rho = rho)$chisq)
    say("survdiff strata", rho, survdiff(Surv(exit, recovered) ~ x + strata(site), d, rho = rho)$chisq)
    say("survdiff sites", rho, survdiff(Surv(exit, recovered) ~ site, d, rho = rho)$chisq)
  }
}

# Variance of Greenwood's kind, of the incidence of recovery at some times.
etm_says <- function(d, time) {
  to <- ifelse(d$code == 0, "cens", d$code)
  moves <- matrix(FALSE, 3, 3)
  moves[1, 2:3] <- TRUE
  rows <- data.frame(id = seq_len(nrow(d)), entry = d$entry, exit = d$exit, from = 0, to = to)
  found <- summary(etm(rows, c("0", "1", "2"), moves, "cens", s = 0))[["0 1"]]
  found$var[match(time, found$time)]
}

curves <- function(d, say, late) {
  km <- survfit(Surv(entry, exit, recovered) ~ 1, d, conf.type = "log-log")
  at <- km$n.event > 0
  say("km", late, c(km$time[at], km$surv[at], km$lower[at], km$upper[at], km$n.risk[at]))
  aj <- survfit(Surv(entry, exit, factor(code, 0:2)) ~ 1, d, id = id)
  k <- match("1", aj$states)
  at <- aj$n.event[, k] > 0
  say("incidence", late, c(aj$time[at], aj$pstate[at, k]))
  say("incidence error", late, aj$std.err[at, k])
  say("etm", late, or_nothing(etm_says(d, aj$time[at])))
  for (months in c(6, 12)) {
    alive <- survfit(Surv(entry, exit, code > 0) ~ 1, d)
    say("mean", late, months, or_nothing(summary(alive, rmean = months)$table[c("rmean", "se(rmean)")]))
    say("mean lost", late, months, or_nothing(summary(aj, rmean = months)$table[k, "rmean"]))
  }
  for (ties in c("efron", "breslow")) for (by_site in c(FALSE, TRUE)) {
    say("fine-gray", late, ties, if (by_site) "sites" else "one", or_nothing(fine_gray_says(d, ties, by_site)))
  }
}

competing <- function(d, say) {
  gray <- function(...) cuminc(d$exit, d$code, ..., cencode = 0)$Tests[, "stat"]
  say("gray", gray(d$x))
  say("gray strata", gray(d$x, d$site))
  say("gray sites", gray(d$site))
  untied <- d$exit + order(order(d$exit, d$id)) * 1e-6  # cmprsk orders ties another way
  for (by_site in c(FALSE, TRUE)) {
    group <- if (by_site) d$site else 0 * d$site
    m <- or_nothing(crr(untied, d$code, d[, c("x", "z")], cengroup = group, gtol = 1e-12))
    say("crr", if (by_site) "sites" else "one", or_nothing(c(m$coef, sqrt(diag(m$var)), m$loglik.null, m$loglik)))
  }
}

folder <- commandArgs(TRUE)[1]
for (path in Sys.glob(file.path(folder, "cohort_*.csv"))) {
  cohort <- sub("^cohort_(.*)[.]csv$", "\\1", basename(path))
  say <- function(...) {
    parts <- list(...)
    told[[length(told) + 1]] <<- data.frame(cohort, question = do.call(paste, head(parts, -1)), value = sprintf("%.17g", parts[[length(parts)]]))
  }
  d <- read.csv(path)
  d$recovered <- d$code == 1
  suppressWarnings({
    hazards(d, say)
    if (!anyDuplicated(d$id)) {
      curves(d, say, "late")
      curves(transform(d, entry = 0), say, "prompt")
      competing(d, say)
    }
  })
}
write.csv(do.call(rbind, told), file.path(folder, "told.csv"), row.names = FALSE, quote = FALSE)
