"""The version of an asset's code changes with what it calls, and with nothing else."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import assets
from alsrev_dagster.graph import code_version as versions

TEXT = versions._text.__wrapped__
FUNCTION = Callable[..., object]

MADE_UP = '''
"""A module of assets, made up."""

from alsrev_dagster.clinical import alsfrsr as scores
from alsrev_dagster.clinical.time_axis import total_by_month

LEAST = 0.05


def beside(frame):
    return total_by_month(frame, frame, "onset"), LEAST


def asset(work):
    return beside(scores.alsfrsr(work.study.quality.hwe_p_min, work.study.excluded_samples))


def other(work):
    return work.study.survival


def hands_on(work):
    return beside(work.study)
'''


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FUNCTION]]:
    """Import a made-up module with a given text; return its function ``asset``."""
    monkeypatch.syspath_prepend(tmp_path)

    def load(text: str, name: str = "asset") -> FUNCTION:
        module = f"made_up_{abs(hash(text))}"
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        function: FUNCTION = getattr(importlib.import_module(module), name)
        return function

    yield load
    for name in [name for name in sys.modules if name.startswith("made_up_")]:
        del sys.modules[name]


def with_changed(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    """Read one module of ours as if somebody had edited it."""

    def text(name: str) -> str:
        return str(TEXT(name)) + ("\n# edited\n" if name == module else "")

    monkeypatch.setattr(versions, "_text", text)


@pytest.mark.parametrize(
    ("module", "follows"),
    [
        ("alsrev_dagster.clinical.alsfrsr", True),
        ("alsrev_dagster.clinical.time_axis", True),
        ("alsrev_dagster.clinical.stages", True),
        ("alsrev_dagster.stats.hwe", False),
        ("alsrev_dagster.storage.lake", False),
        ("alsrev_dagster.errors", False),
    ],
)
def test_version_follows_the_modules_that_are_called(
    made_up: Callable[[str], FUNCTION], monkeypatch: pytest.MonkeyPatch, module: str, follows: bool
) -> None:
    asset = made_up(MADE_UP)
    before = versions.code_version(asset)
    with_changed(monkeypatch, module)
    assert (versions.code_version(asset) != before) is follows


@pytest.mark.parametrize(
    ("old", "new", "follows"),
    [
        ('"onset"', '"diagnosis"', True),
        ("return beside(scores", "return  beside(scores", True),
        ("LEAST = 0.05", "LEAST = 0.01", True),
        ("return work.study.survival", "return work.study.loci", False),
        ("made up.", "made up again.", False),
    ],
)
def test_version_follows_the_functions_and_constants_that_are_used(
    made_up: Callable[[str], FUNCTION], old: str, new: str, follows: bool
) -> None:
    assert old in MADE_UP
    before, after = made_up(MADE_UP), made_up(MADE_UP.replace(old, new, 1))
    assert (versions.code_version(before) != versions.code_version(after)) is follows


def test_version_follows_the_sql(made_up: Callable[[str], FUNCTION]) -> None:
    asset = made_up(MADE_UP)
    one, other = versions.code_version(asset, "SELECT 1"), versions.code_version(asset, "SELECT 2")
    assert one != other


def test_version_follows_the_sql_that_is_named(
    made_up: Callable[[str], FUNCTION], monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = made_up(MADE_UP.replace('"onset"', '"report/qc_loss"'))
    before = versions.code_version(asset)
    monkeypatch.setattr(versions, "query", lambda name: f"another {name}")
    assert versions.code_version(asset) != before


@pytest.mark.parametrize(("asset", "follows"), [("report", True), ("warehouse", False)])
def test_version_of_the_page_follows_its_template(
    asset: str, follows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = _written(getattr(assets.publish, asset))
    before = versions.code_version(function)
    page = versions._page.__wrapped__
    assert any("<html" in text for text in page("alsrev_dagster.report.page"))
    monkeypatch.setattr(versions, "_page", lambda name: [f"{text} " for text in page(name)])
    assert (versions.code_version(function) != before) is follows


def test_settings_are_the_sections_that_the_code_reads(made_up: Callable[..., FUNCTION]) -> None:
    assert versions.settings_sections(made_up(MADE_UP)) == {"quality", "exclude"}
    assert versions.settings_sections(made_up(MADE_UP, "other")) == {"survival"}


def test_study_that_is_passed_on_whole_is_noticed(made_up: Callable[..., FUNCTION]) -> None:
    assert versions.hands_on_the_study(made_up(MADE_UP, "hands_on"))
    assert not versions.hands_on_the_study(made_up(MADE_UP))


@pytest.mark.parametrize(
    ("asset", "kernel"),
    [
        ("core.variant_qc", "alsrev_dagster.stats.hwe"),
        ("core.variant_qc", "alsrev_dagster.stats.counts"),
        ("core.variant_qc", "alsrev_dagster.ingest.gene_intervals"),
        ("core.kinship", "alsrev_dagster.stats.kinship"),
        ("core.sample_qc", "alsrev_dagster.stats.sample_tally"),
        ("result.association", "alsrev_dagster.stats.firth_newton"),
        ("result.association", "alsrev_dagster.stats.exact"),
        ("result.detectable_effect", "alsrev_dagster.stats.power"),
        ("core.outcome", "alsrev_dagster.clinical.sustained"),
        ("result.recovery_curve", "alsrev_dagster.survival.competing"),
        ("result.recovery_model", "alsrev_dagster.survival.cox_fit"),
        ("report", "alsrev_dagster.figures.manhattan"),
        ("report", "alsrev_dagster.report.wording"),
    ],
)
def test_changed_kernel_makes_the_asset_that_rests_on_it_stale(
    asset: str, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = _where(asset)
    function = _written(getattr(getattr(assets, module), name))
    before = versions.code_version(function)
    with_changed(monkeypatch, kernel)
    assert versions.code_version(function) != before


def test_changed_kernel_leaves_other_assets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    function = _written(assets.outcome.outcome)
    before = versions.code_version(function)
    with_changed(monkeypatch, "alsrev_dagster.stats.firth")
    assert versions.code_version(function) == before


def _where(asset: str) -> tuple[str, str]:
    from alsrev_dagster.definitions import defs

    keys = {
        spec.key.to_user_string().replace("/", "."): spec for spec in defs.resolve_all_asset_specs()
    }
    return str(keys[asset].group_name), asset.rpartition(".")[2]


def _written(asset: object) -> FUNCTION:
    """Return the function that was written, below the decorators."""
    compute = asset.op.compute_fn.decorated_fn  # type: ignore[attr-defined]
    cells = dict(zip(compute.__code__.co_freevars, compute.__closure__, strict=True))
    function: FUNCTION = cells["function"].cell_contents
    return function


BELOW = '''
"""A module of assets whose helpers stand further down, made up."""

from alsrev_dagster.graph.code_version import code_version, settings_sections


def asset(work):
    return helper(work)


AT_DECLARATION = code_version(asset), settings_sections(asset)


def helper(work):
    return further(work.study.quality), 1


def further(quality):
    return quality
'''


def test_helpers_further_down_count_when_an_asset_is_declared(
    made_up: Callable[[str], FUNCTION],
) -> None:
    asset = made_up(BELOW)
    version, sections = asset.__globals__["AT_DECLARATION"]
    assert (version, sections) == (versions.code_version(asset), {"quality"})
    edited = made_up(BELOW.replace("return quality", "return quality, 2"))
    assert versions.code_version(edited) != version


@pytest.mark.parametrize("kernel", ["vcf_kernel", "vcf_window", "plink_kernel"])
def test_version_of_genotypes_follows_what_is_compiled(
    kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = _written(assets.genotype.genotype)
    before = versions.code_version(function)
    monkeypatch.setattr(versions, "_imports_of", versions._imports_of.__wrapped__)
    assert versions.code_version(function) == before
    with_changed(monkeypatch, f"alsrev_dagster.ingest.kernels.{kernel}")
    assert versions.code_version(function) != before
