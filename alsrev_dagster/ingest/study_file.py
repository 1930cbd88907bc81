"""Reading ``study.yaml``: one typed study, or everything that is wrong with the file.

What stands below ``exclude`` is never repeated in a message: it names samples.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml
from pydantic import ValidationError

from alsrev_dagster.errors import Problem, StudyError
from alsrev_dagster.ingest.study_key import Key, key_text, line_of
from alsrev_dagster.ingest.study_words import schema_problems
from alsrev_dagster.study import Study, StudyFolder

_NAME = "study.yaml"


def read_study(folder: StudyFolder) -> Study:
    """Return the study that ``study.yaml`` declares; StudyError has every problem of it."""
    return _study_of(_text(folder))


@lru_cache(maxsize=1)
def _study_of(text: str) -> Study:
    """Read a text once, however many steps of a run ask for it: a study is never changed."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise StudyError([_syntax_problem(error, text)]) from None
    if not isinstance(root, yaml.MappingNode):
        found = "no keys" if root is None else "something other than keys with values"
        raise StudyError([_file_problem(found, "keys such as 'study: my-study'")])
    problems = [_twice(key, line, first) for key, line, first in _duplicates(root, (), set())]
    try:
        study = Study.model_validate(value)
    except ValidationError as error:
        raise StudyError([*problems, *schema_problems(error.errors(), root)]) from None
    if problems:
        raise StudyError(problems)
    return study


def _text(folder: StudyFolder) -> str:
    path = folder.study_file
    if not path.is_file():
        found = "a folder" if path.exists() else "no such file"
        fix = "name the study's folder, or make one with 'alsrev init'"
        raise StudyError([_file_problem(found, "the study's file of settings", fix)])
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        where, found = f"{_NAME}, line {line}", "a byte that is not UTF-8"
        problem = Problem(where, found, "UTF-8 text", "save the file as UTF-8")
        raise StudyError([problem]) from None


def _file_problem(found: str, expected: str, fix: str = "") -> Problem:
    return Problem(_NAME, found, expected, fix or "'alsrev init' writes a commented example")


def _syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
        said = str(error.problem)
        said = f"{error.context}, {said}" if said.startswith("but ") else said
    else:  # a character that YAML does not allow
        position = int(getattr(error, "position", 0))
        line = text.count("\n", 0, position) + 1
        column, said = position - text.rfind("\n", 0, position), "a control character"
    said = re.sub(r"(alias|anchor|tag|handle) '.*'", r"\1", said)  # it may name a sample
    return Problem(
        f"{_NAME}, line {line}, column {column}",
        f"text that is not YAML ({said})",
        "'key: value' lines, indented by spaces",
        "look at this line and the one before: a bracket, quote, colon or indentation is off",
    )


def _duplicates(node: yaml.Node, key: Key, seen: set[int]) -> Iterator[tuple[Key, int, int]]:
    """Keys given twice in one mapping: the key, its line, the line of the first."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _duplicates(item, (*key, index), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    first: dict[str, int] = {}
    for name_node, item in node.value:
        name, line = str(name_node.value), line_of(name_node)
        if name in first and name != "<<":
            yield (*key, name), line, first[name]
        first.setdefault(name, line)
        yield from _duplicates(item, (*key, name), seen)


def _twice(key: Key, line: int, first: int) -> Problem:
    return Problem(
        f"{_NAME}, line {line}, key {key_text(key)}",
        f"a key that line {first} has given already",
        "each key once: YAML would keep the last in silence",
        "remove or rename one of the two",
    )
