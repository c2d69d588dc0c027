"""YAML 1.2 files read into plain values, with the line of every key kept for messages."""

import datetime as dt
import difflib
import json
import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from forecast.catalogue.faults import Lines, Path_, dotted, explained
from forecast.contract import BadInput

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
        raise BadInput(
            "not a text file", file=path, line=line, found="bytes that are not UTF-8", expected="UTF-8 text",
            mend="save it again as UTF-8, which editors offer under Save As",
        ) from None  # fmt: skip
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
            mend=_mended(problem.problem or ""),
        ) from None
    except (YAMLError, ValueError, RecursionError) as problem:
        raise BadInput("not valid YAML", file=path, line=1, found=str(problem).splitlines()[0]) from None
    if node is None:
        raise BadInput("file holds no values, only comments", file=path, line=1)
    lines: Lines = {}
    return _plain(node, (), lines, path, set()), lines


def _mended(problem: str) -> str:
    """How to mend a file that is not YAML, by what the reader stumbled over."""
    if "\\t" in problem:
        return "a tab stands here: put spaces in its place, two for each step inwards"
    if "mapping values are not allowed" in problem:
        return "a text with a colon in it stands in quotation marks; or the line above is indented otherwise"
    return "check indentation, quotes and colons on this line and the one before"


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
                    "not a number that can be used", file=path, line=line, key=dotted(at), found=text, expected="a finite number"
                )
            return number
    except (OverflowError, ValueError) as problem:
        if isinstance(problem, BadInput):
            raise
        raise BadInput("not a number", file=path, line=line, key=dotted(at), found=text) from None
    if tag == "bool":
        return text.lower() == "true"
    if tag == "null":
        return None
    if tag == "timestamp" and _DATE.match(text):
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise BadInput(
                "not a date", file=path, line=line, key=dotted(at), found=text, expected="a real day as YYYY-MM-DD"
            ) from None
    if tag not in ("str", "timestamp"):
        raise BadInput("a YAML tag that is not used here", file=path, line=line, key=dotted(at), found=str(node.tag))
    return text


def validate(kind: type[Model], data: Any, path: Path, lines: Lines, at: Path_ = ()) -> Model:
    """The data as a typed record; the first thing wrong becomes one BadInput with its line.

    Strict types, through JSON so that lists serve as tuples and ISO dates as dates.
    """
    try:
        return kind.model_validate_json(json.dumps(data))
    except ValidationError as problem:
        first = min(problem.errors(include_url=False), key=lambda error: error["type"] != "extra_forbidden")
        raise explained(first, kind, path, lines, at) from None
