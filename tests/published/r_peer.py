"""Cohorts for R to read, and what it says of them; R's scripts stand beside this file."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import datasets
from numpy.typing import NDArray

HERE = Path(__file__).parent
DAYS_PER_MONTH = 30.4375

Floats = NDArray[np.float64]
Told = dict[tuple[str, str], Floats]
"""Numbers by cohort and question."""


def ask_r(script: str, packages: list[str], cohorts: dict[str, pd.DataFrame], at: Path) -> Told:
    """Run an R script once over all cohorts; skip where R or a package is not installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R (Rscript) is not installed")
    for package in packages:
        look = f"quit(status = !requireNamespace('{package}', quietly = TRUE))"
        if subprocess.run([rscript, "-e", look], capture_output=True).returncode:
            pytest.skip(f"the R package {package} is not installed")
    for name, frame in cohorts.items():
        frame.to_csv(at / f"cohort_{name}.csv", index=False, float_format="%.17g")
    run = subprocess.run(
        [rscript, "--vanilla", HERE / script, at], capture_output=True, text=True, cwd=at
    )
    assert run.returncode == 0, run.stderr
    rows = pd.read_csv(at / "told.csv", dtype={"cohort": str, "value": float})
    return {
        (str(cohort), str(question)): part["value"].to_numpy(dtype=float)
        for (cohort, question), part in rows.groupby(["cohort", "question"], sort=False)
    }


def made(seed: int, n: int, n_carrier: int, *, kind: str = "") -> pd.DataFrame:
    """Recovery (1) seen at visits, death (2) by day, late entry; months of whole days.

    ``separated``: no carrier recovers; ``sparse``: one site is of one person and another has
    no event.
    """
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    x[rng.choice(n, n_carrier, replace=False)] = 1
    z, site = rng.normal(size=n).round(2), rng.choice(3, n, p=[0.6, 0.3, 0.1])
    entry = rng.integers(0, 700, n) * (rng.random(n) < 0.8)
    onset = rng.exponential(1500 / np.exp(0.8 * x + 0.2 * z)) + 1
    seen = entry + 91 * np.ceil(np.maximum(onset - entry, 1) / 91)
    death = np.ceil(rng.weibull(1.3, n) * 1200) + 1
    until = np.minimum(np.minimum(seen, death), entry + 91 * rng.integers(1, 16, n))
    code = np.where(seen == until, 1, np.where(death == until, 2, 0))
    entry = np.where(until > entry, entry, 0)
    until = np.where(rng.random(n) < 0.7, np.ceil(until / 91) * 91, until)
    if kind == "separated":
        code = np.where((x == 1) & (code == 1), 2, code)
    if kind == "sparse":
        site = np.where(np.arange(n) == 0, 3, site)
        code = np.where(site == 2, 0, code)
    left = np.where(code == 1, np.maximum(until - 91 * rng.integers(1, 3, n), 0), until)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "entry": entry / DAYS_PER_MONTH,
            "exit": until / DAYS_PER_MONTH,
            "code": code,
            "x": x,
            "z": z,
            "site": site,
            "weight": np.where(code == 1, 1.0, rng.uniform(0.5, 7.3, n).round(3)),
            "family": np.repeat(np.arange(n), rng.integers(1, 5, n))[:n],
            "left": left / DAYS_PER_MONTH,
            "right": np.where(code == 1, until / DAYS_PER_MONTH, np.inf),
        }
    )


def with_states(cohort: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows between changes of a state ``x`` that comes, goes and comes again."""
    rng = np.random.default_rng(seed)
    rows = []
    for one in cohort.to_dict("records"):
        cuts = np.sort(rng.uniform(one["entry"], one["exit"], rng.integers(0, 4)))
        ends = np.append(cuts, one["exit"])
        starts = np.insert(cuts, 0, one["entry"])
        state = int(rng.integers(2))
        for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
            code = one["code"] if end == one["exit"] else 0
            rows.append(
                {**one, "entry": start, "exit": end, "code": code, "x": (state + place) % 2}
            )
    return pd.DataFrame(rows)


def shipped() -> dict[str, pd.DataFrame]:
    """Data sets that come with lifelines, or lie beside, in the columns of :func:`made`."""
    lung = datasets.load_lung().dropna(subset=["age", "sex", "ph.ecog"])
    rossi, gbsg2 = datasets.load_rossi(), datasets.load_gbsg2()
    macs = datasets.load_multicenter_aids_cohort_study()
    heart = datasets.load_stanford_heart_transplants()
    leukaemia = pd.read_csv(HERE.parent / "data" / "published" / "bmtcrr_177.csv", comment="#")
    disease = (leukaemia["D"] == "ALL").astype(int)
    return {
        "lung": _columns(0, lung["time"], lung["status"], lung["sex"], lung["age"], lung["ph.ecog"]),
        "rossi": _columns(0, rossi["week"], rossi["arrest"], rossi["fin"], rossi["prio"], rossi["race"]),
        "gbsg2": _columns(
            0, gbsg2["time"], gbsg2["cens"], gbsg2["horTh"] == "yes", gbsg2["age"],
            gbsg2["menostat"] == "Post",
        ),
        "macs": _columns(
            macs["W"], macs["T"], macs["D"], macs["AIDSY"] > macs["AIDSY"].median(), macs["AIDSY"],
            np.arange(len(macs)) % 2,
        ),
        "bmtcrr": _columns(
            0, leukaemia["ftime"], leukaemia["Status"], disease, leukaemia["Age"],
            leukaemia["Source"] == "PB",
        ),
        "heart": _columns(
            heart["start"], heart["stop"], heart["event"], heart["transplant"], heart["age"],
            heart["surgery"],
        ).assign(id=heart["id"], family=heart["id"]),
    }  # fmt: skip


def _columns(
    entry: object, until: object, code: object, x: object, z: object, site: object
) -> pd.DataFrame:
    exit_ = np.asarray(until, dtype=float)
    number, n = np.asarray(code, dtype=int), len(exit_)
    rng = np.random.default_rng(n)
    earlier = np.maximum(exit_ - rng.uniform(0.2, 0.9, n).round(2) * exit_, 0)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "entry": np.zeros(n) + np.asarray(entry, dtype=float),
            "exit": exit_,
            "code": number,
            "x": np.asarray(x, dtype=float),
            "z": np.asarray(z, dtype=float),
            "site": np.asarray(site).astype(int),
            "weight": rng.uniform(0.4, 5, n).round(3),
            "family": np.arange(n) // 3,
            "left": np.where(number == 1, earlier, exit_),
            "right": np.where(number == 1, exit_, np.inf),
        }
    )
