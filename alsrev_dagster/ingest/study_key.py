"""Where a key of ``study.yaml`` stands: its path as text, its line, the model it belongs to."""

from types import UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from alsrev_dagster.study import Study

Key = tuple[str | int, ...]
"""Path of a key: names, and places in a list counted from 0."""


def key_text(key: Key) -> str:
    """Write a path as ``exclude[0].samples``; what a study wrote below exclude is not repeated."""
    text = ""
    for depth, part in enumerate(key):
        if key[0] == "exclude" and depth and part not in ("samples", "reason", *range(10**6)):
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
    node, line, key = root, line_of(root), ()
    for part in location:
        child = _child(node, part)
        if child is None:
            break
        name_node, node = child
        line, key = line_of(name_node), (*key, part)
    return key, line


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        for name_node, child in reversed(node.value):  # the last of two is the one that counts
            if str(name_node.value) == str(part):
                return name_node, child
    return None


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
