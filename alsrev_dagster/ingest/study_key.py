"""Where a key of ``study.yaml`` stands: its path as text, its line, the model it belongs to."""

from types import UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from alsrev_dagster.study import Exclusion, Study

Key = tuple[str | int, ...]
"""Path of a key: names, and places in a list counted from 0."""


_OF_EXCLUSION = tuple(Exclusion.model_fields)


def key_text(key: Key) -> str:
    """Write a path as ``exclude[0].samples``; what a study wrote below exclude is not repeated."""
    text = ""
    for depth, part in enumerate(key):
        if key[0] == "exclude" and depth and not (isinstance(part, int) or part in _OF_EXCLUSION):
            break
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def line_of(node: yaml.Node) -> int:
    """Line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def locate(root: yaml.Node, location: Key) -> tuple[Key, int]:
    """Return the part of a pydantic location that the file has, and its line.

    pydantic adds parts that are in no file (members of a union, ``[key]``, missing keys).
    """
    node, line = root, line_of(root)
    key: Key = ()
    for part in location:
        child = _child(node, part)
        if child is None:
            break
        name_node, in_list = child[0], isinstance(node, yaml.SequenceNode)
        node, line = child[1], line_of(name_node)
        key = (*key, part if in_list else str(name_node.value))
    return key, line


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        for name_node, child in reversed(node.value):  # the last of two is the one that counts
            if part in (name_node.value, _plain(name_node)):
                return name_node, child
    return None


def _plain(name_node: yaml.Node) -> object:
    """Return a key as YAML reads it: ``NO`` is False, ``007`` is 7."""
    if not isinstance(name_node, yaml.ScalarNode):
        return None
    return yaml.SafeLoader("").construct_object(name_node)


def valid_keys(key: Key) -> list[str]:
    """Keys that the study's model has below a path; empty where any name may stand."""
    annotation: Any = Study
    for part in key:
        annotation = _step(annotation, part)
    model = _model(annotation)
    return list(model.model_fields) if model else []


def _step(annotation: Any, part: str | int) -> Any:
    model = _model(annotation)
    if model is not None:
        field = model.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = get_args(annotation)
    return arguments[1 if get_origin(annotation) is dict else 0] if arguments else None


def _model(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((a for a in get_args(annotation) if a is not type(None)), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None
