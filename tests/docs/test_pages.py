"""What README and docs/ say exists, exists: commands, files, functions, links, keys."""

import ast
import re
from pathlib import Path

import pytest
from typer.main import get_command

from alsrev_dagster.cli import app
from alsrev_dagster.commands.data_dictionary import data_dictionary
from alsrev_dagster.study import RECOVERY_PRESETS, Study

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = set(getattr(get_command(app), "commands", {}))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_of(page: Path) -> str:
    """Everything that is set as code: fenced, indented, or between backticks."""
    text = text_of(page)
    fenced = re.findall(r"^```.*?^```", text, re.M | re.S)
    indented = re.findall(r"^ {4}.*$", text, re.M)
    return "\n".join([*fenced, *indented, *re.findall(r"`([^`\n]+)`", text)])


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_committed_dictionary_is_the_vocabularys() -> None:
    assert text_of(ROOT / "docs" / "data-dictionary.md") == data_dictionary(), (
        "docs/data-dictionary.md is older than the vocabulary; write it anew: python -m "
        "alsrev_dagster.commands.data_dictionary > docs/data-dictionary.md"
    )


@every_page
def test_commands_and_make_targets_exist(page: Path) -> None:
    code = code_of(page)
    named = set(re.findall(r"^(?: {4}|- )?\s*alsrev ([a-z]+)\b", code, re.M))
    named |= {
        w
        for words in re.findall(r"^alsrev ((?:\w+ \| )+\w+)$", code, re.M)
        for w in words.split(" | ")
    }
    assert named <= COMMANDS
    assert set(re.findall(r"^\s*make ([a-z]+)", code, re.M)) <= TARGETS


@every_page
def test_options_exist(page: Path) -> None:
    commands = getattr(get_command(app), "commands", {})
    known = {o for c in commands.values() for parameter in c.params for o in parameter.opts}
    lines = re.findall(r"^ {4}alsrev .*$", text_of(page), re.M)
    assert {option for line in lines for option in re.findall(r"--[a-z-]+", line)} <= known


def test_the_readme_names_every_command_and_the_changelog_too() -> None:
    assert all(f"alsrev {name}" in text_of(ROOT / "README.md") for name in COMMANDS)
    assert " | ".join(["init", "validate", "ingest", "run"]) in text_of(ROOT / "CHANGELOG.md")


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors_of(target), f"{page.name} links to {link}"


@every_page
def test_files_and_functions_exist(page: Path) -> None:
    text = text_of(page)
    rooms = "alsrev_dagster|assets|sql|tests|examples"
    for path in re.findall(rf"`((?:{rooms})/[\w./-]+\.(?:py|sql|md|csv))`", text):
        assert (ROOT / path).is_file(), f"{page.name} names {path}"
    for path, name in re.findall(rf"`((?:{rooms})/[\w./]+\.py)`\s+`(\w+)`", text):
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        defined = {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert name in defined, f"{page.name} names {name} of {path}"


def test_the_guide_names_every_key_and_preset() -> None:
    guide = text_of(ROOT / "docs" / "run-your-own-study.md")
    assert [key for key in Study.model_fields if f"`{key}`" not in guide] == []
    methods = text_of(ROOT / "docs" / "methods.md")
    assert [preset for preset in RECOVERY_PRESETS if f"`{preset}`" not in methods] == []


@every_page
def test_no_page_names_a_place_on_somebodys_machine(page: Path) -> None:
    assert not re.search(r"/(home|root|work|tmp|Users)/", text_of(page))


def test_the_guide_gives_the_reasons_that_status_gives() -> None:
    guide = text_of(ROOT / "docs" / "run-your-own-study.md")
    plan = text_of(ROOT / "alsrev_dagster" / "graph" / "plan.py")
    given = [r for r in re.findall(r'return "([^"]+)"', plan) if r]
    assert given
    assert [reason for reason in given if f"`{reason}`" not in guide] == []
