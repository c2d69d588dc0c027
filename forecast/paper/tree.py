"""The tree of a notebook made fit for any page: one title, headings in steps, pictures as files, links that lead somewhere."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from forecast.contract import BadInput
from forecast.paper.pandoc import NO_ATTR, Block, blocks_of, changed, text_of, words
from forecast.paper.pieces import MEND_ALT, PICTURES, Piece

TOP, DEEPEST = 2, 4
"""Levels of headings below the title."""

NUMBERED = re.compile(r"^(?:figure|fig\.|table|exhibit)\s*\d+\s*[.:–-]?\s*", re.IGNORECASE)
"""A number that an author gave to a figure or table: the page numbers them by itself."""

OUTWARD = ("http://", "https://", "mailto:")
DATA = re.compile(r"data:(image/[\w.+-]+)(?:;charset=[\w-]+)?(;base64)?,(.*)", re.DOTALL)


class Tree(NamedTuple):
    """A notebook to be set: its title, and blocks with the cell that each comes from."""

    title: str
    parts: list[tuple[int, list[Block]]]


def tree_of(pieces: Sequence[Piece], path: Path, pictures: Path, fallback: str) -> Tree:
    """The tree of all pieces; pictures are written into a folder. Raises BadInput where a picture has no words."""
    reader = _Reader(path, pictures)
    parts = [(piece.cell, reader.clean(blocks, piece)) for piece, blocks in zip(pieces, blocks_of(pieces), strict=True)]
    title, level = fallback, TOP - 1
    several = sum(block["c"][0] == 1 for _, blocks in parts for block in blocks if block["t"] == "Header") > 1
    taken = False
    for _, blocks in parts:
        for block in list(blocks):
            if block["t"] != "Header":
                continue
            if not taken:
                taken, title = True, " ".join(text_of(block["c"][2]).split()) or fallback
                blocks.remove(block)
                continue
            wanted = max(block["c"][0] + (1 if several else 0), TOP)
            level = min(wanted, level + 1, DEEPEST)
            block["c"] = [level, NO_ATTR, block["c"][2]]
    return Tree(title, [(cell, blocks) for cell, blocks in parts if blocks])


class _Reader:
    """What the passes over the tree need to know: the notebook and the folder of pictures."""

    def __init__(self, path: Path, pictures: Path) -> None:
        self.path, self.pictures = path, pictures
        pictures.mkdir(parents=True, exist_ok=True)

    def clean(self, blocks: list[Block], piece: Piece) -> list[Block]:
        """The blocks of one piece without boxes of pandoc's own, each picture a file."""

        def change(element: dict[str, Any]) -> Any:
            match element["t"]:
                case "Div":
                    return element["c"][1]
                case "Span":
                    return element["c"][1]
                case "RawBlock" | "RawInline":
                    tag = element["c"][1].strip().lower()
                    return [{"t": "LineBreak"}] if tag.startswith("<br") else []
                case "Link":
                    return self.link(element)
                case "Image":
                    return self.image(element, piece)
                case "Math":
                    return {"t": "Math", "c": [element["c"][0], element["c"][1].replace("\\!", "")]}
                case "Str":
                    return {"t": "Str", "c": {"--": "–", "---": "—"}.get(element["c"], element["c"])}
                case "Para" if len(element["c"]) == 1 and element["c"][0]["t"] == "Image":
                    return {"t": "Figure", "c": [NO_ATTR, [None, []], [{"t": "Plain", "c": element["c"]}]]}
                case "Para" | "Plain" if not text_of(element).strip() and not _holds(element):
                    return []
            return element

        return list(changed(blocks, change))

    def link(self, element: dict[str, Any]) -> Any:
        """A link that leads somewhere from paper; of any other the words."""
        if element["c"][2][0].startswith(OUTWARD):
            return {"t": "Link", "c": [NO_ATTR, element["c"][1], [element["c"][2][0], ""]]}
        return element["c"][1]

    def image(self, element: dict[str, Any], piece: Piece) -> dict[str, Any]:
        """A picture as a file of its own. Raises BadInput where it has no words or cannot be had."""
        alt, (target, title) = " ".join(text_of(element["c"][1]).split()), element["c"][2]
        data, form = self.picture(target, piece)
        if not alt:
            raise BadInput(
                "A picture has no words for readers who cannot see it",
                file=self.path,
                key=f"cell {piece.cell}",
                found=f"a picture ({form}) without alternative text",
                mend=MEND_ALT,
            )
        file = self.pictures / f"{hashlib.sha256(data).hexdigest()[:16]}.{form}"
        file.write_bytes(data)
        return {"t": "Image", "c": [NO_ATTR, words(alt), [f"{self.pictures.name}/{file.name}", title]]}

    def picture(self, target: str, piece: Piece) -> tuple[bytes, str]:
        """The bytes and the form of a picture."""

        def problem(what: str, found: str) -> BadInput:
            forms = ", ".join(PICTURES.values())
            return BadInput(what, file=self.path, key=f"cell {piece.cell}", found=found[:90], expected=f"a picture: {forms}")

        if inline := DATA.fullmatch(target):
            if inline[1] not in PICTURES:
                raise problem("A picture has a form that paper cannot hold", inline[1])
            try:
                data = base64.b64decode(inline[3]) if inline[2] else unquote(inline[3]).encode()
            except (binascii.Error, ValueError) as error:
                raise problem("A picture is spoilt", str(error)) from None
            return data, PICTURES[inline[1]]
        if "://" in target or target.startswith("attachment:"):
            raise problem("A picture is not part of the notebook, and publishing asks no network", target)
        file = self.path.parent / unquote(target)
        form = {"jpeg": "jpg"}.get(file.suffix[1:].lower(), file.suffix[1:].lower())
        if form not in PICTURES.values() or not file.is_file():
            raise problem("A picture that the text shows cannot be found", target)
        return file.read_bytes(), form


def _holds(element: dict[str, Any]) -> bool:
    """Whether a line holds more than words: a picture, a note, a formula."""
    return any(part["t"] in ("Image", "Note", "Math", "Code") for part in element["c"])


def caption_of(blocks: Sequence[Block]) -> tuple[list[Any], list[Any]]:
    """Title and note of a figure or table: its first line in bold, or all of it where it is one line; and the rest."""
    lines = [list(block["c"]) for block in blocks if block["t"] in ("Plain", "Para") and text_of(block).strip()]
    if not lines:
        return [], []
    first = lines[0]
    if len(first) == 1 and first[0]["t"] == "Strong":
        first = first[0]["c"]
    elif len(lines) > 1 or len(text_of(first)) > 160:
        return [], _run_on(lines)
    return _unnumbered(first), _run_on(lines[1:])


def _run_on(lines: Sequence[list[Any]]) -> list[Any]:
    out: list[Any] = []
    for line in lines:
        out += ([{"t": "Space"}] if out else []) + line
    return out


def _unnumbered(inlines: list[Any]) -> list[Any]:
    """A title without the number that its author gave it."""
    text = text_of(inlines)
    found = NUMBERED.match(text)
    return words(text[found.end() :]) if found and text[found.end() :].strip() else inlines
