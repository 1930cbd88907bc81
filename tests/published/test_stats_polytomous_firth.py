"""Firth's multinomial model, against Bull, Mak & Greenwood (2002) and the tables' own identities."""

import numpy as np
import pytest

from alsrev_dagster.stats.polytomous_firth import polytomous_firth, polytomous_firth_test

# Hepatitis after transfusion (Blajchman et al. 1995; the data of R's pmlr and brglm2): subjects
# without disease, with hepatitis C and with neither A, B nor C, whose blood had not (first) or had
# been withheld if it bore surrogate markers, before and after the anti-HCV test came in.
BEFORE = [[389, 400, 0], [5, 0, 0], [3, 2, 0]]
AFTER = [[1864, 1896, 0], [5, 3, 0], [11, 10, 0]]


def test_hepatitis_after_transfusion() -> None:
    # Bull et al. (2002), table 3, quoted by the tests of R's brglm2: coefficients of withholding,
    # of time and of both together, log odds against no disease: C -2.43, -1.57, 1.96; other -0.36,
    # -0.38, 0.26. The model of both and their product is that of each time alone.
    counts = np.array([BEFORE, AFTER])[:, :, None]
    before, after = -polytomous_firth_test(counts, (0, 1, 1)).beta
    assert before.tolist() == pytest.approx([-2.43, -0.36], abs=5.1e-3)
    assert (after - before).tolist() == pytest.approx([1.96, 0.26], abs=5.1e-3)
    by_time = np.array([[BEFORE[0], AFTER[0]], [BEFORE[1], AFTER[1]], [BEFORE[2], AFTER[2]]])
    not_withheld = np.insert(by_time[:, :, 0], 2, 0, axis=1)
    time = -polytomous_firth_test(not_withheld[None, :, None], (0, 1, 1)).beta[0]
    assert time.tolist() == pytest.approx([-1.57, -0.38], abs=5.1e-3)


def test_three_homozygous_cases_against_both_arms() -> None:
    # SCIENCE 1.3: odds ratios 37.154 (0 of 103) and 50.436 (0 of 140); pooled 87.410.
    fit = polytomous_firth(np.array([[[[19, 0, 3]], [[103, 0, 0]], [[140, 0, 0]]]]), (0, 0, 1))
    assert np.exp(fit.beta[0]).tolist() == pytest.approx([37.154, 50.436], abs=5e-4)
    # The common one differs from the pooled by a factor of the likelihood that hardly moves it.
    assert np.exp(fit.common_beta[0]) == pytest.approx(87.410, abs=0.05)
    assert fit.common_p_value[0] == pytest.approx(1.23342e-4, rel=2e-3)
