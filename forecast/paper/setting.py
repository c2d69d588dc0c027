"""From the tree to pages: figures, tables, formulas and code in the template's own words, then Typst, HTML or Word."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from forecast.brief.attached import STANDARDS_WITHOUT
from forecast.contract import BadInput
from forecast.figures import template_folder
from forecast.paper.frames import table_blocks
from forecast.paper.letters import set_letters
from forecast.paper.pandoc import Block, changed, found, pandoc, plain, quoted, raw, raw_block, text_of, words
from forecast.paper.tree import Tree, caption_of

PROSE = ("Para", "Plain", "BulletList", "OrderedList", "DefinitionList", "BlockQuote", "LineBlock")
API = "1,23,1"


def typst_of(tree: Tree, path: Path, told: set[str]) -> str:
    """The body of the page: text at a width that reads well, figures and tables across the page."""
    blocks: list[Block] = []
    for cell, part in tree.parts:
        blocks += _fit(set_letters(part, cell, path, told))
    return pandoc(["-f", "json", "-t", "typst-smart", "--wrap=none"], as_json(blocks))


def as_json(blocks: Sequence[Block]) -> str:
    """Blocks as pandoc reads them."""
    return json.dumps({"pandoc-api-version": [int(n) for n in API.split(",")], "meta": {}, "blocks": list(blocks)})


def _fit(blocks: Sequence[Block]) -> list[Block]:
    """Blocks of one piece in the template's words."""
    out: list[Block] = []
    waiting = _noted(changed(list(blocks), _formula))
    for block, note in waiting:
        match block["t"]:
            case "Figure":
                out += _figure(block)
            case "Table":
                out += table_blocks(block, note)
            case "CodeBlock":
                kind = "code" if block["c"][0][1] != ["text"] else "text"
                out.append(raw_block(f"#lines({quoted(block['c'][1])}, code: {'true' if kind == 'code' else 'false'})"))
            case "HorizontalRule":
                out.append(raw_block("#line(length: 100%, stroke: 0.5pt + hair)"))
            case "Header":
                out.append(block)
            case kind if kind in PROSE:
                inner = changed(block, _within)
                out += [raw_block("#prose["), *(inner if isinstance(inner, list) else [inner]), raw_block("]")]
            case _:
                out.append(block)
    return out


def _noted(blocks: Sequence[Block]) -> list[tuple[Block, list[Any]]]:
    """Each block with its note: lines that end a piece of HTML below its one table belong to that table."""
    kinds = [block["t"] for block in blocks]
    if kinds[:1] != ["Table"] or len(kinds) > 3 or set(kinds[1:]) - {"Para", "Plain"}:
        return [(block, []) for block in blocks]
    return [(blocks[0], [inline for block in blocks[1:] for inline in (*block["c"], {"t": "Space"})][:-1])]


def _formula(element: dict[str, Any]) -> Any:
    """A formula with its words: TeX, as the author wrote it."""
    if element["t"] != "Math":
        return element
    kind, tex = element["c"]
    display = "true" if kind["t"] == "DisplayMath" else "false"
    inner = {"t": "Math", "c": [{"t": "InlineMath"}, tex]}
    return [raw(f"#math.equation(block: {display}, alt: {quoted(' '.join(tex.split()))}, "), inner, raw(".body);")]


def _within(element: dict[str, Any]) -> Any:
    """Pictures, tables and code inside text."""
    match element["t"]:
        case "Image":
            alt = quoted(" ".join(text_of(element["c"][1]).split()))
            return [raw(f"#box(height: 1em, image({quoted(element['c'][2][0])}, alt: {alt}));")]
        case "Figure":
            return _figure(element)
        case "Table":
            return table_blocks(element)
        case "CodeBlock":
            return raw_block(f"#lines({quoted(element['c'][1])})")
        case "HorizontalRule":
            return []
    return element


def _figure(block: Block) -> list[Block]:
    """Each picture of a figure with the figure's title above and its note beneath."""
    title, note = caption_of(block["c"][1][1])
    pictures = list(found("Image", block["c"][2]))
    out: list[Block] = []
    for number, image in enumerate(pictures):
        alt, (target, own) = " ".join(text_of(image["c"][1]).split()), image["c"][2]
        heading = title or words(own)
        if number:
            heading, note = [], []
        out.append(raw_block(f"#shown({quoted(target)}, {quoted(alt)},"))
        for name, inlines in (("title", heading), ("note", note)):
            if inlines and not (name == "title" and text_of(inlines).strip() == alt):
                out.append(plain([raw(f'{name}: [#"";'), *inlines, raw("],")]))
        out.append(raw_block(")"))
    return out


def typeset(data: Mapping[str, Any], body: str, pictures: Path, moment: datetime) -> bytes:
    """Compile the page of a notebook; maths and code in the fonts that come with Typst, all else in ours."""
    template = template_folder()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[template / "fonts"])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for page in template.glob("*.typ"):
            shutil.copy(page, root)
        shutil.copytree(pictures, root / pictures.name)
        (root / "body.typ").write_text('#import "notebook-parts.typ": *\n\n' + body, encoding="utf-8")
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        try:
            made, warnings = typst.compile_with_warnings(
                root / "notebook.typ",
                root=root,
                font_paths=fonts,
                format="pdf",
                pdf_standards=STANDARDS_WITHOUT,
                timestamp=moment,
            )
        except typst.TypstError as problem:
            raise BadInput(f"The notebook could not be typeset\n{problem.diagnostic.strip()}", file=template) from problem
    if warnings:
        raise BadInput("The notebook was typeset with a warning", file=template / "notebook.typ", found=warnings[0].message)
    return bytes(made)


def converted(tree: Tree, data: Mapping[str, Any], form: str, folder: Path, out: Path) -> None:
    """The same tree as one HTML page or a Word file, by pandoc; written to `out`."""
    blocks: list[Block] = [{"t": "Para", "c": [{"t": "Emph", "c": words(data["status"])}]}]
    for name, value in data["parameters"]:
        blocks.append(plain([{"t": "Strong", "c": words(name)}, {"t": "Space"}, *words(value), {"t": "LineBreak"}]))
    blocks += [block for _, part in tree.parts for block in part]
    blocks += [{"t": "HorizontalRule"}]
    blocks += [{"t": "Para", "c": words(line)} for line in (data["foot"], data["credits"], data["citation"])]
    if form == "docx":
        blocks = changed(blocks, lambda element: _pixels(element, folder))
    given = json.loads(as_json(blocks))
    given["meta"] = {name: {"t": "MetaInlines", "c": words(data["title"])} for name in ("title", "pagetitle")}
    given["meta"]["lang"] = {"t": "MetaString", "c": "en"}
    options = ["-f", "json", "-t", form, "--standalone", "--wrap=none", "-o", str(out)]
    if form == "html":
        options += ["--embed-resources", "--mathml"]
    pandoc(options, json.dumps(given), folder)


def _pixels(element: dict[str, Any], folder: Path) -> dict[str, Any]:
    """For Word: a vector picture as pixels."""
    if element["t"] != "Image" or not element["c"][2][0].endswith(".svg"):
        return element
    source = folder / element["c"][2][0]
    target = source.with_suffix(".png")
    sheet = folder / "picture.typ"
    sheet.write_text(f"#set page(width: auto, height: auto, margin: 0pt)\n#image({quoted(element['c'][2][0])})", encoding="utf-8")
    target.write_bytes(typst.compile(sheet, root=folder, format="png", ppi=200))
    name = f"{source.parent.name}/{target.name}"
    return {"t": "Image", "c": [["", [], [["width", "100%"]]], element["c"][1], [name, element["c"][2][1]]]}
