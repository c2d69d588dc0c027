"""pandoc as a reader and a writer: pieces in, blocks of its tree out; blocks in, Typst, HTML or Word out."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from forecast.contract import BadInput
from forecast.paper.pieces import Piece

Block = dict[str, Any]
Inline = dict[str, Any]

READER = (
    "ipynb+footnotes+implicit_figures+table_captions+strikeout+superscript+subscript+definition_lists+backtick_code_blocks"
    "+tex_math_dollars-smart-auto_identifiers-gfm_auto_identifiers-yaml_metadata_block-citations"
)
HTML = "html-smart-auto_identifiers"
NO_ATTR = ["", [], []]


def pandoc(arguments: Sequence[str], given: str, folder: Path | None = None) -> str:
    """What pandoc makes of a text. Raises BadInput where pandoc is not installed, or refuses."""
    try:
        import pypandoc
    except ImportError:
        raise BadInput(
            "Publishing a notebook needs pandoc, which is not installed here",
            expected="the Python package pypandoc_binary",
            mend="install it into the same environment: uv pip install pypandoc_binary",
        ) from None
    command = [pypandoc.get_pandoc_path(), "--sandbox" if folder is None else "--quiet", *arguments]
    done = subprocess.run(
        command, input=given.encode(), capture_output=True, cwd=folder, env={"SOURCE_DATE_EPOCH": "0"}, check=False
    )
    if done.returncode:
        raise BadInput("pandoc could not read or write a part of the notebook", found=done.stderr.decode().strip())
    return done.stdout.decode()


def blocks_of(pieces: Sequence[Piece]) -> list[list[Block]]:
    """The blocks of each piece. Text in Markdown is read cell by cell, and the HTML in it together with that of outputs."""
    texts = [(n, piece) for n, piece in enumerate(pieces) if piece.kind == "markdown"]
    made: dict[int, list[Block]] = dict(zip((n for n, _ in texts), _markdown([piece for _, piece in texts]), strict=True))
    for n, piece in enumerate(pieces):
        if piece.kind == "html":
            made[n] = [{"t": "RawBlock", "c": ["html", piece.text]}]
        elif piece.kind in ("text", "code"):
            made[n] = [{"t": "CodeBlock", "c": [["", [piece.kind], []], piece.text]}]
        elif piece.kind == "image":
            made[n] = [_picture(piece)]
    raw = [block for n in sorted(made) for block in _joined_html(made[n]) if _is_html(block)]
    parsed = iter(_html([block["c"][1] for block in raw]))
    out = []
    for n in range(len(pieces)):
        whole: list[Block] = []
        for block in _joined_html(made[n]):
            whole += next(parsed) if _is_html(block) else [block]
        out.append(whole)
    return out


def _is_html(block: Block) -> bool:
    return bool(block["t"] == "RawBlock" and block["c"][0].startswith("html"))


def _joined_html(blocks: Sequence[Block]) -> list[Block]:
    """Neighbouring pieces of HTML as one: an opening and a closing tag stand in blocks of their own."""
    out: list[Block] = []
    for block in blocks:
        if _is_html(block) and out and _is_html(out[-1]):
            out[-1] = {"t": "RawBlock", "c": ["html", out[-1]["c"][1] + "\n" + block["c"][1]]}
        else:
            out.append(block)
    return out


def _picture(piece: Piece) -> Block:
    form = {"svg": "svg+xml", "jpg": "jpeg"}.get(piece.form, piece.form)
    target = f"data:image/{form};base64,{base64.b64encode(piece.data).decode()}"
    image = {"t": "Image", "c": [NO_ATTR, words(piece.alt), [target, ""]]}
    caption = [{"t": "Plain", "c": [{"t": "Strong", "c": words(piece.title)}]}] if piece.title else []
    return {"t": "Figure", "c": [NO_ATTR, [None, caption], [{"t": "Plain", "c": [image]}]]}


def _markdown(pieces: Sequence[Piece]) -> list[list[Block]]:
    """Each text in Markdown by itself, as a notebook means it: a footnote of one cell is no footnote of another."""
    if not pieces:
        return []
    cells = [{"cell_type": "markdown", "id": f"p{n}", "metadata": {}, "source": piece.text} for n, piece in enumerate(pieces)]
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    read = json.loads(pandoc(["-f", READER, "-t", "json"], json.dumps(book)))["blocks"]
    parts = [block["c"][1] for block in read]
    for number, (piece, part) in enumerate(zip(pieces, parts, strict=True)):
        for image in found("Image", part):
            name = image["c"][2][0].removeprefix("attachment:").removeprefix(f"p{number}-")
            for form, data in piece.attachments.get(name, {}).items():
                image["c"][2][0] = f"data:{form};base64,{''.join(data).strip()}"
    return parts


def _html(texts: Sequence[str]) -> list[list[Block]]:
    """Each piece of HTML by itself; all in one reading where no piece leaves a tag open that swallows the next."""
    if not texts:
        return []
    whole = "\n".join(f'<div id="piece-{n}">\n{text}\n</div>' for n, text in enumerate(texts))
    read = json.loads(pandoc(["-f", HTML, "-t", "json"], whole))["blocks"]
    if (
        [block["c"][0][0] for block in read if block["t"] == "Div"]
        == [f"piece-{n}" for n in range(len(texts))]
        == [block["c"][0][0] if block["t"] == "Div" else "" for block in read]
    ):
        return [block["c"][1] for block in read]
    return [json.loads(pandoc(["-f", HTML, "-t", "json"], text))["blocks"] for text in texts]


def found(kind: str, tree: Any) -> Iterator[dict[str, Any]]:
    """All elements of a kind in a tree, from the top."""
    if isinstance(tree, Mapping):
        if tree.get("t") == kind:
            yield dict(tree) if not isinstance(tree, dict) else tree
        for part in tree.values():
            yield from found(kind, part)
    elif isinstance(tree, list):
        for part in tree:
            yield from found(kind, part)


def changed(tree: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """The tree with each element replaced, from the leaves up: by one, by several (a list), by none (an empty list)."""
    if isinstance(tree, list):
        out: list[Any] = []
        for part in tree:
            made = changed(part, change)
            several = isinstance(part, dict) and "t" in part and isinstance(made, list)
            out += made if several else [made]
        return out
    if isinstance(tree, dict):
        inner = {key: changed(part, change) for key, part in tree.items()}
        return change(inner) if "t" in inner else inner
    return tree


def text_of(tree: Any) -> str:
    """The words of a part of the tree; a line break is one."""
    if isinstance(tree, list):
        return "".join(map(text_of, tree))
    if not isinstance(tree, Mapping) or "t" not in tree:
        return ""
    match tree["t"]:
        case "Str":
            return str(tree["c"])
        case "Space" | "SoftBreak":
            return " "
        case "LineBreak":
            return "\n"
        case "Code" | "Math" | "CodeBlock" | "RawInline":
            return str(tree["c"][1]) if tree["t"] != "RawInline" else ""
        case "Quoted":
            return f"“{text_of(tree['c'][1])}”"
        case "Note":
            return ""
    inner = tree.get("c", [])
    own = text_of([part for part in inner if isinstance(part, (list, dict))] if isinstance(inner, list) else inner)
    return own + ("\n" if tree["t"] in ("Para", "Plain") else "")


def words(text: str) -> list[Inline]:
    """Text as the tree holds it."""
    out: list[Inline] = []
    for word in text.split():
        out += ([{"t": "Space"}] if out else []) + [{"t": "Str", "c": word}]
    return out


def raw(text: str) -> Inline:
    """Typst as it stands, within a line."""
    return {"t": "RawInline", "c": ["typst", text]}


def raw_block(text: str) -> Block:
    """Typst as it stands, as a block."""
    return {"t": "RawBlock", "c": ["typst", text]}


def plain(inlines: Sequence[Inline]) -> Block:
    """A line without space around it."""
    return {"t": "Plain", "c": list(inlines)}


def quoted(text: str) -> str:
    """Text as a literal of Typst."""
    table = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(table.get(letter, letter) for letter in text) + '"'
