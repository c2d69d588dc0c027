"""A report as it lies on a disk: its attachments, what its pages say, and whether the two agree."""

import io
import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pypdf import PdfReader

from forecast.brief.attached import FORMAT, NEEDED, hashes
from forecast.brief.numbers import STYLES, WAYS, written
from forecast.contract import BadInput
from forecast.language import speaking
from forecast.tables.rows import DIMENSIONS

PROVENANCE = ("provenance", "citation")
"""Parts of a page's data that say how the report was made: they differ whenever code or packages do, and hold no result."""

UNSEEN = (
    "This check reads the text layer of the pages. It does not see numbers inside pictures, what is drawn over text, or text "
    "that stands in no attachment."
)


FORMED = re.compile(r"\d[\d.,]*")
BETWEEN = " \u00a0"
"""What parts the cells of a row."""

LEAST = 8
"""Letters that a text without its numbers must have for us to tell that a page holds it with other numbers."""


class Carried(NamedTuple):
    """A report: its attachments by name, the text of its pages without spaces, and the descriptions of its figures."""

    path: Path
    files: dict[str, bytes]
    words: str
    alts: str

    @property
    def report(self) -> dict[str, Any]:
        """Kind, language, version of the attachments."""
        return dict(json.loads(self.files["report.json"]))

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run rests on."""
        return dict(json.loads(self.files["manifest.json"]))

    @property
    def pages(self) -> dict[str, Any]:
        """What the template was given."""
        return dict(json.loads(self.files["pages.json"]))

    def table(self, name: str) -> pd.DataFrame:
        """A CSV among the attachments, every cell as text."""
        return pd.read_csv(io.BytesIO(self.files[name]), keep_default_na=False, dtype=str)


def open_report(path: Path) -> Carried:
    """Read a report. Raises BadInput for what is no PDF, is cut off, carries nothing, or is not ours or of another version."""
    mend = "give the file that `forecast report` wrote; a copy that was printed or saved anew has lost its attachments"
    try:
        head = path.read_bytes()[:1024]
    except OSError as problem:
        raise BadInput("the report cannot be read", file=path, found=str(problem.strerror), mend=mend) from None
    if b"%PDF-" not in head:
        raise BadInput("not a PDF", file=path, mend=mend)
    try:
        reader = PdfReader(path, strict=True)
        files = {item.name: bytes(item.content) for item in reader.attachment_list}
        pages = [page.extract_text() for page in reader.pages]
        alts = " ".join(_alts(reader.trailer["/Root"])) if files else ""
    except Exception as problem:  # pypdf raises errors of many kinds on broken files
        raise BadInput("the PDF is damaged, cut off or locked", file=path, found=str(problem) or None, mend=mend) from None
    if not files:
        raise BadInput("the PDF carries no attachments, so there is nothing to check it by", file=path, mend=mend)
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise BadInput("the PDF is no report of ours", file=path, found=", ".join(sorted(files)), expected=", ".join(NEEDED))
    made = Carried(path, files, _tight("\n".join(_body(page) for page in pages)), _tight(alts))
    _known(made)
    return made


def _known(made: Carried) -> None:
    """Raises BadInput where attachments are of another version or cannot be read."""
    try:
        version = made.report["format"]
        _ = (
            made.manifest["fingerprint"],
            made.pages["numbers"],
            made.table("numbers.csv")["style"],
            made.table("rows.csv")["value"],
        )
    except (ValueError, KeyError, TypeError) as problem:
        what = "an attachment of the report cannot be read" if not isinstance(problem, KeyError) else "an attachment lacks a part"
        raise BadInput(what, file=made.path, found=str(problem)) from None
    if version != FORMAT:
        raise BadInput(
            "the report's attachments are of a version that this code does not know", file=made.path, found=version,
            expected=str(FORMAT), mend="use the code that made it: the line Code at the report's end names it",
        )  # fmt: skip


def _body(page: str) -> str:
    """A page's text without its running head and foot, so that sentences which run over a page stay whole."""
    return "\n".join(page.splitlines()[1:-1]) + "\n"


def _tight(text: str) -> str:
    """Text without spaces, brackets and invisible characters, in small letters: what a page does to text is undone."""
    return re.sub(r"[\s()\u00a0\u00ad\u200b\u202f\u2060]+", "", text).casefold()


def _alts(root: Any) -> Iterator[str]:
    """Every alternative text of the structure tree."""
    todo = [root["/StructTreeRoot"]["/K"].get_object()] if "/StructTreeRoot" in root else []
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += [child.get_object() for child in node]
        elif isinstance(node, Mapping):
            if "/Alt" in node:
                yield str(node["/Alt"])
            if "/K" in node:
                todo.append(node["/K"].get_object())


def leaves(node: Any, numbers: Mapping[str, str], at: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a page's data with its place; a sentence is one text, a row of a table too, pointers to figures cut it."""
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, Mapping):
        for place, row in enumerate(node["rows"] if "spanned" in node else ()):
            yield from _row(f"{at}/rows/{place}", row, int(node["spanned"]))
        for key in node:
            if key == "rows" and "spanned" in node:
                continue
            if key not in ("name", "columns", *(PROVENANCE if not at else ())):
                yield from leaves(node[key], numbers, f"{at}/{key}" if at else str(key))
    elif isinstance(node, list):
        if node and all(isinstance(part, Mapping) and part.keys() <= {"id", "text", "see"} for part in node):
            told = "".join(numbers[part["id"]] if "id" in part else part.get("text", "\ufffc") for part in node)
            yield from ((f"{at}/{place}", piece) for place, piece in enumerate(told.split("\ufffc")))
        else:
            for place, part in enumerate(node):
                yield from leaves(part, numbers, f"{at}/{place}")


def _row(at: str, row: list[Any], spanned: int) -> Iterator[tuple[str, str]]:
    """A row of a table as one text; cells that continue above are set apart from the others on a page."""
    cells = [" ".join(cell) if isinstance(cell, list) else str(cell) for cell in row]
    yield from ((f"{at}/{place}", BETWEEN.join(part)) for place, part in enumerate((cells[:spanned], cells[spanned:])) if part)


class OnPage(NamedTuple):
    """What the pages say of their own attachments: texts found, texts that this kind does not print, and what is wrong."""

    found: int
    absent: int
    wrong: list[str]


def own_text(made: Carried) -> OnPage:
    """Whether the pages say what the attachments hold: each sentence, title, note, row and hash, word for word.

    A text that stands there with other digits is wrong, and so is a row that is not there below the title of its table. Any other
    text that is not there belongs to another kind of report; so do texts of the catalogue, of which a page needs only some.
    """
    numbers, wrong, found, absent = made.pages["numbers"], [], 0, 0
    printed = {name for name, table in made.pages["tables"].items() if _tight(table["title"]) in made.words}
    for at, text in leaves(made.pages, numbers):
        tight, where = _tight(text), made.alts if at.endswith("/alt") else made.words
        of = at.split("/")
        if not tight or text in numbers or of[0] in ("numbers", "date") or (of[0] == "sources" and len(tight) < LEAST):
            continue
        if tight in where:
            found += 1
        elif of[0] != "words" and (of[0] != "tables" or of[1] in printed) and (other := _other_digits(tight, where)):
            wrong.append(f"{at}: attached {text!r}, on the page {other!r}")
        elif of[0] == "tables" and of[1] in printed:
            if all(_in_pieces(_tight(cell), where) for cell in text.split(BETWEEN)):
                found += 1
            else:
                wrong.append(f"{at}: attached {text!r}, not on the page")
        else:
            absent += 1
    for name, digits in hashes(made.files).items():
        if _tight(f"{name} {digits}") not in made.words:
            wrong.append(f"attachment {name}: its hash {digits} is not the one that the page prints")
    return OnPage(found, absent, wrong)


def _in_pieces(cell: str, where: str) -> bool:
    """Whether a cell stands on a page, whole or as two pieces: a row that runs over a page's end is cut in each of its cells."""
    if cell in where:
        return True
    fits = range(len(cell) + 1)
    front = bisect_left(fits, True, key=lambda end: cell[:end] not in where) - 1
    back = bisect_left(fits, True, key=lambda start: cell[start:] in where)
    return back <= front and len(cell) >= 2 * LEAST


def _other_digits(tight: str, where: str) -> str | None:
    """The place of a page that reads like a text but for its digits; None where there is none or too few letters."""
    parts = FORMED.split(tight)
    if len(parts) < 2 or sum(map(len, parts)) < LEAST:
        return None
    hit = re.search(r"[\d.,]{1,12}".join(map(re.escape, parts)), where)
    return hit.group() if hit else None


class Told(NamedTuple):
    """One number checked: how it compares, its id, what is printed, what it is now."""

    verdict: str
    id: str
    printed: str
    now: str


EXACT, PRINTED, DIFFERS, UNCHECKED = "agrees exactly", "agrees as printed", "differs", "not checked"


def from_rows(made: Carried) -> list[Told]:
    """Each number of the text worked out again from the attached rows; what rests on other results is not checked here."""
    rows = made.table("rows.csv")
    held = dict(zip(rows[list(DIMENSIONS)].itertuples(index=False, name=None), rows["value"].astype(float), strict=True))
    told = []
    with speaking(made.report["language"]):
        for line in made.table("numbers.csv").to_dict("records"):
            told.append(_from_rows({str(key): str(cell) for key, cell in line.items()}, held))
    return told


def _from_rows(line: Mapping[str, str], held: Mapping[tuple[str, ...], float]) -> Told:
    if line["way"] not in WAYS or line["style"] not in STYLES:
        return Told(UNCHECKED, line["id"], line["text"], "")
    keys = [_labels(key) for key in line["rows"].split("; ")]
    lacking = [key for key in keys if key not in held]
    if lacking and line["way"] != "mean of a year":
        return Told(DIFFERS, line["id"], line["text"], "no such row is attached")
    values = WAYS[line["way"]]([held.get(key, 0.0) for key in keys])
    return judged(line, written(values, line["style"]), " ".join(f"{value:.10g}" for value in values))


def judged(line: Mapping[str, str], text: str, values: str) -> Told:
    """A printed number beside the same one now."""
    if text != line["text"]:
        return Told(DIFFERS, line["id"], line["text"], text)
    return Told(EXACT if values == line["values"] else PRINTED, line["id"], line["text"], text)


def _labels(key: str) -> tuple[str, ...]:
    """The labels of a row in the order of the summary's dimensions."""
    variable, statistic, *rest = key.split("/")
    labels = dict(part.split("=", 1) for part in rest)
    return (variable, statistic, *(labels.get(name, "") for name in DIMENSIONS[2:]))
