"""The page on naive analyses says what its script finds, and every bias is one."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.graph.at_work import ROOT

pytestmark = pytest.mark.long

SCRIPT = ROOT / "docs" / "naive_analyses.py"
PAGE = ROOT / "docs" / "naive-analyses.md"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("naive_analyses", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["naive_analyses"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_table_is_what_the_script_finds(script: ModuleType) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for lesson in script.LESSONS:
        assert script.line(lesson) in page


def test_the_right_analysis_is_near_the_truth_and_the_naive_one_farther(
    script: ModuleType,
) -> None:
    for lesson in script.LESSONS:
        naive, *_, right = (mean for mean, _, _ in script.summaries(lesson).values())
        assert abs(right - lesson.truth) < abs(naive - lesson.truth) / 2, lesson.name


def test_every_figure_is_on_the_page_and_says_simulated(script: ModuleType) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for lesson in script.LESSONS:
        name = f"figures/naive-{lesson.name}.svg"
        assert f"({name})" in page
        svg = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert "simulated data" in svg
        assert len(svg) < 12_000
    assert len(list((ROOT / "docs" / "figures").glob("naive-*.svg"))) == len(script.LESSONS)


def test_a_figure_drawn_again_is_the_same(script: ModuleType) -> None:
    lesson = next(one for one in script.LESSONS if one.name == "competing-death")
    kept = ROOT / "docs" / "figures" / "naive-competing-death.svg"
    assert script.draw(lesson) == kept.read_text(encoding="utf-8")
