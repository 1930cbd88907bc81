"""Saying in the user's words what does not fit the model of ``study.yaml``."""

from collections.abc import Sequence

import yaml
from pydantic_core import ErrorDetails

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.study_key import Key, key_text, locate, valid_keys
from alsrev_dagster.ingest.suggestion import closest

_NAME_PATTERN = "^[A-Za-z0-9]"
_NAME = "a name of letters, digits, _ and - (at most 64; the first a letter or digit)"
_VARIANT = "chrom-pos-ref-alt with the chromosome as chr4 and alleles in capitals"
_QUOTE = "put it in quotes: YAML reads it as something other than text"
_MEND = "mend the value"
_EXPECTED = {
    "string_type": ("text", _QUOTE),
    "bool_type": ("true or false", _MEND),
    "bool_parsing": ("true or false", _MEND),
    "tuple_type": ("a list", "put square brackets around it: [one, two]"),
    "invalid_key": ("a key that is text", "remove it or correct its spelling"),
    "dict_type": (
        "names, each with its settings below it",
        "indent a line such as 'name: ...' below",
    ),
    "model_type": ("keys with values", "indent its keys below it, or leave it out"),
    "model_attributes_type": ("keys with values", "indent its keys below it, or leave it out"),
    "int_type": ("a whole number", _MEND),
    "int_parsing": ("a whole number", _MEND),
    "int_from_float": ("a whole number", _MEND),
    "float_type": ("a number", _MEND),
    "float_parsing": ("a number", _MEND),
    "finite_number": ("a finite number", _MEND),
    "greater_than": ("a number above {gt}", _MEND),
    "greater_than_equal": ("a number of at least {ge}", _MEND),
    "less_than": ("a number below {lt}", _MEND),
    "less_than_equal": ("a number of at most {le}", _MEND),
    "cohort_name": (
        "printable text of at most 64 characters, no blank at either end, and not every_cohort",
        "rename the cohort here and in the table of samples",
    ),
    "literal_error": ("{expected}", "write one of them"),
    "too_short": ("at least {min_length}", "name at least {min_length}"),
    "string_too_short": ("at least {min_length} characters", "write more"),
}
"""Expected, and what to do, by pydantic's type of error; braces are filled from its context."""


_CLINICAL_WAY = (
    "participants and visits, or clinical in place of both and of biomarkers",
    "name your own tables, or the format and folder of a resource, not both",
)

_NO_ARM_TERM = (
    "no term for the control arm: the arms share the cases and no case belongs to an arm, so that "
    "such a term cannot be identified",
    "remove it: result.lead_arm has the polytomous model of cases and each arm, with the test that "
    "the arms agree",
)


def schema_problems(errors: Sequence[ErrorDetails], root: yaml.Node) -> list[Problem]:
    """One problem for each thing that does not fit, in the order of the file's lines."""
    found: dict[tuple[Key, str], tuple[int, Problem]] = {}
    keys = [(locate(root, error["loc"]), error) for error in errors]
    for (key, line), error in keys:
        if not _is_echo(key, error, [other for (other, _), _ in keys]):
            name = str(error["loc"][-1]) if error["type"] == "missing" else ""
            where = f"study.yaml, line {line}" + (f", key {key_text(key)}" if key else "")
            found.setdefault((key, name), (line, _problem(where, key, error)))
    return [problem for _, problem in sorted(found.values(), key=lambda item: item[0])]


def _is_echo(key: Key, error: ErrorDetails, others: list[Key]) -> bool:
    """Whether the error only repeats one that lies deeper: pydantic empties a wrong list."""
    is_vague = error["type"] in ("too_short", "string_type", "tuple_type")
    return (
        is_vague
        and error["loc"][-1] != "[key]"
        and any(len(k) > len(key) and k[: len(key)] == key for k in others)
    )


def _problem(where: str, key: Key, error: ErrorDetails) -> Problem:
    kind = error["type"]
    if kind == "missing":
        name = str(error["loc"][-1])
        return Problem(where, f"no key {name}", f"the key {name}", f"add '{name}: ...'")
    if kind == "extra_forbidden":
        return _unknown_key(where, key)
    if kind == "repeated_item":
        return Problem(where, error["msg"], "each of the list once", "remove the repeated one")
    if kind == "clinical_way":
        return Problem(where, error["msg"], *_CLINICAL_WAY)
    if kind == "arm_term":
        return Problem(where, error["msg"], *_NO_ARM_TERM)
    if kind == "value_error":
        said = error["msg"].removeprefix("Value error, ")
        return Problem(where, said, "settings that agree with each other", "mend one of them")
    if kind == "string_pattern_mismatch":
        is_name = str(error["ctx"]["pattern"]).startswith(_NAME_PATTERN)
        return Problem(where, _shown(key, error), _NAME if is_name else _VARIANT, _MEND)
    expected, fix = _EXPECTED.get(kind, (error["msg"], _MEND))
    if error["loc"][-1] == "[key]" and kind != "literal_error":
        expected = "a name that YAML reads as text"
    elif error["loc"][-1] in ("str", "tuple[str, ...]"):
        expected, fix = "text, or a list of texts", "write a path, or [one, two]"
    context = error.get("ctx", {})
    found = "nothing" if kind == "too_short" else _shown(key, error)
    return Problem(where, found, expected.format(**context), fix.format(**context))


def _unknown_key(where: str, key: Key) -> Problem:
    valid = valid_keys(key[:-1])
    is_private = key[0] == "exclude"
    near = None if is_private else closest(str(key[-1]), valid)
    found = "an unknown key" if is_private else f"the unknown key {key[-1]}"
    fix = f"did you mean {near}?" if near else "remove it or correct its spelling"
    return Problem(where, found, f"one of {', '.join(valid)}", fix)


def _shown(key: Key, error: ErrorDetails) -> str:
    """Return the value as found; only its kind below exclude, and when it is long."""
    value = error["input"]
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple | dict):
        return "a list" if isinstance(value, list | tuple) else "keys with values"
    if key[:1] == ("exclude",):
        return "text" if isinstance(value, str) else "something other than text"
    return repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}..."
