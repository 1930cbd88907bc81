# What survreg, Turnbull's survfit, lme4 with lmerTest and nlme say of each cohort_*.csv in a folder: told.csv.
suppressPackageStartupMessages({library(survival); library(lmerTest); library(nlme)})
told <- list()
or_nothing <- function(asked) tryCatch(asked, error = function(e) NA)
tight <- survreg.control(rel.tolerance = 1e-12, maxiter = 200)

parametric <- function(d, say) {
  from <- ifelse(d$left > 0, d$left, NA)
  until <- ifelse(is.finite(d$right), d$right, NA)
  between <- Surv(from, until, type = "interval2")
  for (law in c("weibull", "lognormal", "loglogistic")) {
    m <- survreg(Surv(exit, recovered) ~ x + z, d, dist = law, control = tight)
    say("survreg", law, c(coef(m), m$scale, sqrt(diag(m$var))[1:3], m$loglik[2]))
    m <- survreg(between ~ x + z, d, dist = law, control = tight)
    null <- survreg(between ~ z, d, dist = law, control = tight)
    p <- pchisq(2 * (m$loglik[2] - null$loglik[2]), 1, lower.tail = FALSE)
    say("interval", law, c(coef(m), m$scale, sqrt(diag(m$var))[1:3], m$loglik[2], p))
    m <- survreg(between ~ x + z, d, weights = weight, dist = law, control = tight)
    say("interval weight", law, c(coef(m), m$scale, m$loglik[2]))
  }
  curve <- survfit(between ~ 1, d)
  say("turnbull time", curve$time)
  say("turnbull free", curve$surv)
}

# survreg takes no late entry: its Weibull likelihood by R's own distribution, given no event by entry.
late_weibull <- function(d) {
  spread <- sd(d$z)
  z <- (d$z - mean(d$z)) / spread
  minus <- function(b) {
    scale <- exp(b[1] + b[2] * d$x + b[3] * z)
    shape <- exp(-b[4])
    log_free <- function(t) pweibull(t, shape, scale, lower.tail = FALSE, log.p = TRUE)
    density <- dweibull(d$exit, shape, scale, log = TRUE)
    -sum(ifelse(d$recovered, density, log_free(d$exit)) - log_free(d$entry))
  }
  start <- c(log(mean(d$exit)), 0, 0, 0)
  for (again in 1:3) {
    m <- optim(start, minus, method = "BFGS", hessian = TRUE, control = list(reltol = 1e-15, maxit = 1000))
    start <- m$par
  }
  per_unit <- c(1, 1 / spread)
  c(m$par[2:3] * per_unit, exp(m$par[4]), sqrt(diag(solve(m$hessian)))[2:3] * per_unit, -m$value)
}

mixed <- function(d, say) {
  say_of <- function(who, fixed, covariance, random, residual, height)
    say(who, c(fixed, sqrt(diag(as.matrix(covariance))), as.matrix(random), residual, height))
  for (method in c("reml", "ml")) for (random in c("slope", "level")) {
    effects <- if (random == "slope") "months" else "1"
    m <- suppressMessages(lmer(as.formula(sprintf("score ~ months * x + z + (%s | person)", effects)), d,
      REML = method == "reml", control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11))))
    if (method == "reml") say("satterthwaite", random, summary(m)$coefficients[, "df"])
    say_of(paste("lmer", random, method), fixef(m), vcov(m), VarCorr(m)$person, sigma(m), logLik(m))
    m <- or_nothing(lme(score ~ months * x + z, d, random = as.formula(sprintf("~ %s | person", effects)), method = toupper(method),
      control = lmeControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 300, msMaxIter = 300)))
    if (is.list(m)) say_of(paste("lme", random, method), fixef(m), vcov(m), getVarCov(m), m$sigma, logLik(m))
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
  suppressWarnings(if ("score" %in% names(d)) mixed(d, say) else {
    d$recovered <- d$code == 1
    parametric(d, say)
    say("late weibull", late_weibull(d))
  })
}
write.csv(do.call(rbind, told), file.path(folder, "told.csv"), row.names = FALSE, quote = FALSE)
