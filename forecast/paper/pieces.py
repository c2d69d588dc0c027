"""What of a notebook goes on paper: one form of each output, code only where asked for, and a name for each picture."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from forecast.contract import BadInput

Kind = Literal["markdown", "html", "text", "code", "image"]

GONE = {"hide", "remove-cell", "remove_cell", "hide-cell"}
SILENT = {"remove-output", "hide-output"}
CODE = {"show-code"}
PICTURES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
ORDER = ("text/markdown", *PICTURES, "text/html", "text/latex", "text/plain")
"""Of the forms in which an output comes the first of these is printed. A picture has its words from `alt_of`."""

WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "*An interactive element of the notebook stands here; paper cannot hold it.*"
WIDGET_TEXT = re.compile(r"\w+\(children=\(|\w+\(.*\blayout=Layout\(")
ESCAPES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
ALT_LINE = re.compile(r"^#\|\s*fig-(alt|cap):\s*(.+?)\s*$", re.MULTILINE)
MEND_ALT = (
    "say what it shows in words: Image(..., alt='...'), a first line '#| fig-alt: ...' in the cell, or ![words](file) in text; "
    "forecast.desk figures bring their words along"
)


class Piece(NamedTuple):
    """One thing to print: its kind, its text, the cell it comes from, and for a picture the bytes' form, words and title."""

    kind: Kind
    text: str
    cell: int
    data: bytes = b""
    form: str = ""
    alt: str = ""
    title: str = ""
    attachments: Mapping[str, Mapping[str, str]] = {}


def plain(text: str) -> str:
    """Text as a terminal would leave it: no colours, no control signs, of a line written over itself the last state."""
    kept = ESCAPES.sub("", text).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in kept.split("\n")]
    return UNPRINTED.sub("", "\n".join(lines)).rstrip("\n")


def pieces(book: Mapping[str, Any], path: Path, *, code: bool = False) -> list[Piece]:
    """All that a notebook prints, in its order. Raises BadInput where a cell ended with an error."""
    return [piece for number, cell in enumerate(book["cells"], 1) for piece in _of_cell(cell, number, path, code)]


def tags(cell: Mapping[str, Any]) -> set[str]:
    """The tags of a cell."""
    return set(cell.get("metadata", {}).get("tags", []))


def has_outputs(book: Mapping[str, Any]) -> bool:
    """Whether a notebook was executed: some cell has an output, or there is nothing to execute."""
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code" and _joined(cell["source"]).strip()]
    return not cells or any(cell.get("outputs") for cell in cells)


def _of_cell(cell: Mapping[str, Any], number: int, path: Path, code: bool) -> Iterator[Piece]:
    held = tags(cell)
    if held & GONE or cell["cell_type"] == "raw":
        return
    source = _joined(cell["source"])
    if cell["cell_type"] == "markdown":
        yield Piece("markdown", source, number, attachments=cell.get("attachments", {}))
        return
    if "parameters" in held or "injected-parameters" in held:
        return
    if source.strip() and (code or held & CODE):
        yield Piece("code", source.rstrip(), number)
    if not held & SILENT:
        for output in cell.get("outputs", []):
            yield from _of_output(output, cell, number, path)


def _of_output(output: Mapping[str, Any], cell: Mapping[str, Any], number: int, path: Path) -> Iterator[Piece]:
    kind = output.get("output_type")
    if kind == "stream":
        text = plain(_joined(output.get("text", "")))
        if output.get("name") != "stderr" and text.strip():
            yield Piece("text", text, number)
    elif kind == "error":
        if "raises-exception" not in tags(cell):
            raise BadInput(
                "A cell of the notebook ended with an error",
                file=path,
                key=f"cell {number}",
                found=plain(f"{output.get('ename')}: {output.get('evalue')}"),
                mend="mend the cell and run it again, or give it the tag raises-exception if the error is meant to be shown",
            )
        yield Piece("text", plain(f"{output.get('ename')}: {output.get('evalue')}"), number)
    elif kind in ("display_data", "execute_result"):
        yield from _of_bundle(output, cell, number, path)


def _of_bundle(output: Mapping[str, Any], cell: Mapping[str, Any], number: int, path: Path) -> Iterator[Piece]:
    """One of the forms in which an output comes."""
    data = {form: _joined(value) for form, value in output.get("data", {}).items() if form in (*ORDER, WIDGET)}
    form = next((name for name in ORDER if name in data and data[name].strip()), None)
    if WIDGET in data or (form == "text/plain" and WIDGET_TEXT.match(data[form])):
        yield Piece("markdown", WIDGET_NOTE, number)
    elif form in ("text/markdown", "text/latex"):
        yield Piece("markdown", data[form], number)
    elif form in PICTURES:
        alt, title = alt_of(output, cell, form)
        alt = alt or (described(data[form]) if form == "image/svg+xml" else "")
        yield Piece("image", "", number, _bytes(data[form], form, path, number), PICTURES[form], alt, title)
    elif form == "text/html":
        yield Piece("html", data[form], number)
    elif form == "text/plain":
        text = plain(data[form])
        if not re.fullmatch(r"<[\w.]+(?: (?:object )?at 0x\w*| size .*Axes?)?>|<Figure .*>", text.strip()):
            yield Piece("text", text, number)


def alt_of(output: Mapping[str, Any], cell: Mapping[str, Any], form: str) -> tuple[str, str]:
    """A picture's words and its title: from the output's metadata, else the cell's, else a line '#| fig-alt:' of its code."""
    lines = {name: text.strip("\"'") for name, text in ALT_LINE.findall(_joined(cell["source"]))}
    own = output.get("metadata", {})
    places = (own.get(form, {}), own, cell.get("metadata", {}), {"alt": lines.get("alt"), "title": lines.get("cap")})
    held = [place for place in places if isinstance(place, Mapping)]
    return tuple(next((str(p[key]).strip() for p in held if p.get(key)), "") for key in ("alt", "title"))  # type: ignore[return-value]


def described(svg: str) -> str:
    """What a picture says of itself: its desc, else its title."""
    for name in ("desc", "title"):
        found = re.search(rf"<{name}\b[^>]*>([^<]+)</{name}>", svg)
        if found and found[1].strip():
            return " ".join(found[1].split())
    return ""


def _bytes(data: str, form: str, path: Path, number: int) -> bytes:
    if form == "image/svg+xml":
        return data.encode()
    try:
        return base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError) as problem:
        raise BadInput("A picture of the notebook is spoilt", file=path, key=f"cell {number}", found=str(problem)) from None


def _joined(text: object) -> str:
    """Text as notebooks keep it: whole, in lines, or as JSON."""
    if isinstance(text, list):
        return "".join(map(str, text))
    return text if isinstance(text, str) else json.dumps(text)


def values_of(book: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that a notebook ran with, as text, in their order: the injected ones, else the defaults."""
    import ast

    found: dict[str, str] = {}
    for kind in ("parameters", "injected-parameters"):
        for cell in book["cells"]:
            if cell["cell_type"] == "code" and kind in tags(cell):
                try:
                    body = ast.parse(_joined(cell["source"])).body
                except SyntaxError:
                    continue
                for line in body:
                    target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                    if isinstance(target, ast.Name) and getattr(line, "value", None) is not None:
                        value = line.value  # type: ignore[attr-defined]
                        found[target.id] = _value(value)
    return found


def _value(tree: Any) -> str:
    """A value as a reader sees it: text without its quotes, a list with commas."""
    import ast

    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        return tree.value
    return ", ".join(map(_value, tree.elts)) if isinstance(tree, ast.List) else ast.unparse(tree)
