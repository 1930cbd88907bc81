"""Principal components of real people: PLINK 2's digits, and populations that lie apart."""

import shutil

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.ancestry import nearest_label
from alsrev_dagster.stats.pca import PrincipalComponents, principal_components
from tests.published.plink_pca import N_PC, SCORES, by_plink, codes_of, people


def components(is_fitted: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> PrincipalComponents:
    packed = pack(codes_of(people()))
    return principal_components(lambda: [packed], is_fitted, N_PC, np.random.default_rng(1))


def test_every_digit_is_what_plink_prints() -> None:
    found, printed = (
        components(np.ones(100, dtype=np.bool_)),
        pd.read_csv(SCORES, sep="\t").to_numpy(),
    )
    vector, value = printed[:-1], printed[-1]
    ours = found.score / np.sqrt(found.eigenvalue)
    ours *= np.sign((ours * vector).sum(axis=0))
    np.testing.assert_allclose(found.eigenvalue, value, rtol=5e-6)
    np.testing.assert_allclose(ours, vector, atol=1e-6)


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("plink2") is None, reason="PLINK 2 is not installed")
def test_stored_scores_are_what_plink_says_now() -> None:
    stored = pd.read_csv(SCORES, sep="\t")
    np.testing.assert_allclose(by_plink(codes_of(people())).abs(), stored.abs(), atol=1e-5)


def test_people_are_nearest_to_those_of_their_own_continent() -> None:
    label, is_fitted = people()["superpopulation"].to_numpy(), np.arange(100) % 2 == 0
    found = components(is_fitted).score
    asked, known = label[~is_fitted], is_fitted & (label != "AMR")  # admixed: they lie between
    names, code = np.unique(label[known], return_inverse=True)
    place, share = nearest_label(found[~is_fitted], found[known], code.astype(np.int64), 5)
    is_judged = asked != "AMR"
    assert (names[place] == asked)[is_judged].all()
    assert share[is_judged].mean() > 0.95


def test_the_first_two_components_part_africa_europe_and_east_asia() -> None:
    score = components(np.ones(100, dtype=np.bool_)).score[:, :2]
    label = people()["superpopulation"].to_numpy()
    middle = {name: score[label == name].mean(axis=0) for name in ("AFR", "EUR", "EAS")}
    for name, centre in middle.items():
        within = np.linalg.norm(score[label == name] - centre, axis=1).max()
        others = [np.linalg.norm(centre - middle[other]) for other in middle if other != name]
        assert 2 * within < min(others)
