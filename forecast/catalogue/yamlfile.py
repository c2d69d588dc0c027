"""YAML 1.2 files read into plain values, with the line of every key kept for messages."""

import datetime as dt
import difflib
import json
import re
import types
import typing
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from forecast.contract import BadInput

Path_ = tuple[str | int, ...]
Lines = dict[Path_, int]
Model = TypeVar("Model", bound=BaseModel)

LARGEST = 2_000_000
"""Bytes beyond which a parameter file is taken for a mistake."""

_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def read_text(path: Path) -> str:
    """The text of a file. Raises BadInput when it is missing, a folder, empty, too large or not text."""
    if not path.exists():
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*")], n=1) if path.parent.exists() else []
        raise BadInput("file not found", file=path, mend=f"did you mean {near[0]}?" if near else "check the name and the folder")
    if path.is_dir():
        raise BadInput("a folder stands where a file was expected", file=path)
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise BadInput(
            "file is too large for a parameter file", file=path, found=f"{len(raw)} bytes", expected=f"at most {LARGEST}"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise BadInput("not a text file", file=path, line=line, found="bytes that are not UTF-8", expected="UTF-8 text") from None
    if "\x00" in text:
        raise BadInput("not a text file", file=path, line=text[: text.index("\x00")].count("\n") + 1, found="a NUL byte")
    if not text.strip():
        raise BadInput("file is empty", file=path, line=1, mend="restore it from version control, or delete it")
    return text


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Plain values and the line of each key. Raises BadInput on anything that is not one clean YAML 1.2 document."""
    text = read_text(path)
    reader = YAML(typ="safe", pure=True)
    try:
        node = reader.compose(text)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise BadInput(
            "not valid YAML",
            file=path,
            line=mark.line + 1 if mark else None,
            found=problem.problem or problem.context,
            mend="check indentation, quotes and colons on this line and the one before",
        ) from None
    except (YAMLError, ValueError, RecursionError) as problem:
        raise BadInput("not valid YAML", file=path, line=1, found=str(problem).splitlines()[0]) from None
    if node is None:
        raise BadInput("file holds no values, only comments", file=path, line=1)
    lines: Lines = {}
    return _plain(node, (), lines, path, set()), lines


def _plain(node: Node, at: Path_, lines: Lines, path: Path, seen: set[int]) -> Any:
    """One node as a plain value; a node met twice is an alias, which these files do not use."""
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise BadInput("an alias (*name) is not allowed here", file=path, line=line, mend="write the value out where it is used")
    seen.add(id(node))
    lines.setdefault(at, line)
    if isinstance(node, MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise BadInput("a key must be a plain word", file=path, line=key_node.start_mark.line + 1)
            key = str(key_node.value)
            key_line = key_node.start_mark.line + 1
            if key in found:
                raise BadInput("the same key twice", file=path, line=key_line, key=key, mend="keep one of the two")
            lines[(*at, key)] = key_line
            found[key] = _plain(value_node, (*at, key), lines, path, seen)
        return found
    if isinstance(node, SequenceNode):
        return [_plain(item, (*at, k), lines, path, seen) for k, item in enumerate(node.value)]
    return _scalar(node, line, path, at)


def _scalar(node: Node, line: int, path: Path, at: Path_) -> Any:
    """A scalar by its YAML 1.2 tag."""
    text, tag = str(node.value), str(node.tag).rsplit(":", 1)[-1]
    try:
        if tag == "int":
            return int(text.replace("_", ""), 0) if not re.fullmatch(r"[-+]?0\d+", text) else int(text)
        if tag == "float":
            number = float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").replace(".NaN", "nan"))
            if number != number or number in (float("inf"), float("-inf")):
                raise BadInput(
                    "not a number that can be used", file=path, line=line, key=_dotted(at), found=text, expected="a finite number"
                )
            return number
    except (OverflowError, ValueError) as problem:
        if isinstance(problem, BadInput):
            raise
        raise BadInput("not a number", file=path, line=line, key=_dotted(at), found=text) from None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "null":
        return None
    if tag == "timestamp" and _DATE.match(text):
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise BadInput(
                "not a date", file=path, line=line, key=_dotted(at), found=text, expected="a real day as YYYY-MM-DD"
            ) from None
    if tag not in ("str", "timestamp"):
        raise BadInput("a YAML tag that is not used here", file=path, line=line, key=_dotted(at), found=str(node.tag))
    return text


def _dotted(at: Iterable[str | int]) -> str:
    return ".".join(str(step) for step in at)


def validate(kind: type[Model], data: Any, path: Path, lines: Lines, at: Path_ = ()) -> Model:
    """The data as a typed record; the first thing wrong becomes one BadInput with its line.

    Strict types, through JSON so that lists serve as tuples and ISO dates as dates.
    """
    try:
        return kind.model_validate_json(json.dumps(data))
    except ValidationError as problem:
        first = min(problem.errors(include_url=False), key=lambda error: error["type"] != "extra_forbidden")
        raise _explain(first, kind, data, path, lines, at) from None


def _explain(error: Any, kind: type[BaseModel], data: Any, path: Path, lines: Lines, at: Path_) -> BadInput:
    """A pydantic error as a message for a person."""
    where: Path_ = (*at, *error["loc"])
    line = next((lines[where[:k]] for k in range(len(where), -1, -1) if where[:k] in lines), None)
    key = _dotted(where) or None
    message = str(error["msg"]).removeprefix("Value error, ")
    found = error.get("input")
    if error["type"] == "extra_forbidden":
        allowed = _keys_at(kind, error["loc"][:-1])
        near = difflib.get_close_matches(str(where[-1]), allowed, n=1, cutoff=0.5)
        return BadInput(
            "a key that is not known here",
            file=path,
            line=line,
            key=key,
            expected=", ".join(allowed) or None,
            mend=f"did you mean {near[0]!r}?" if near else "remove it or choose one of the known keys",
        )
    if error["type"] == "missing":
        return BadInput("a key is missing", file=path, line=line, key=key, expected=f"a value for {where[-1]!r}")
    if error["type"] == "int_type" and isinstance(found, float):
        found = f"{found:g} (a decimal number)"
    if isinstance(found, dict | list):
        found = None
    return BadInput("a value cannot be used", file=path, line=line, key=key, found=found, expected=message)


def _keys_at(kind: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Names of the fields that the record at a location knows."""
    here: Any = kind
    for step in loc:
        if isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields:
            here = _model_in(here.model_fields[str(step)].annotation)
    return sorted(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The record type inside an annotation such as dict[str, Spread] | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            if (inner := _model_in(part)) is not None:
                return inner
    return None
