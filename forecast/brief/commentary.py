"""Analysts' words in the brief: Markdown beside the scenario, whose numbers come from the run or from a source, or are refused.

A note is params/scenarios/commentary/SCENARIO/NAME.md: `author:` and `place:` between lines of three dashes, a first heading,
then paragraphs, lists, emphasis and links. {{ID}} is filled from the run, {{ID = TEXT}} is refused once the run says otherwise,
and [[12 GW|source]] is a number of a row of sources.csv. No other digits stand in it, but for dates and names.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from forecast.brief.numbers import STYLES, Number, Numbers
from forecast.catalogue.home import digest
from forecast.catalogue.load import Catalogue
from forecast.catalogue.yamlfile import read_text
from forecast.contract import BadInput
from forecast.language import _
from forecast.tables import Scope

FOLDER = Path("scenarios") / "commentary"
PLACES = (
    "findings", "gates", "effects", "odds", "split", "law", "channels", "yardsticks", "binding", "drivers", "forks", "beside",
    "judged",
)  # fmt: skip
"""Sections of the brief that a note may follow; findings is page one."""

FRONT = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
QUOTED = re.compile(r"\{\{(.*?)\}\}|\[\[(.*?)\]\]", re.DOTALL)
ASKED = re.compile(r"([^\s|]+)(?:\s*\|\s*(\w+))?(?:\s+=\s+(.+))?", re.DOTALL)
PRIVATE = 0xE000
"""Letters of no meaning that stand for quoted numbers while Markdown is read."""

MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:19|20)\d\d"
DAY = rf"\d{{1,2}} {MONTH} {YEAR}|{MONTH} \d{{1,2}}, {YEAR}|{YEAR}-\d\d-\d\d|{YEAR}Q[1-4]|{YEAR}"
DATES = re.compile(rf"(?<![\w.,])(?:{DAY})(?![%\w]|[.,]\d)")
CODES = re.compile(r"\b(?:\d[A-E]\d{3}(?:\.[a-z])?|(?:4|8|16|32)-bit)\b")
LETTERED = re.compile(r"\b(?!(?:USD?|EUR|CNY|RMB|GBP|x|ca|c)\d)[A-Za-z]+[-+]?\d+[A-Za-z]*\b(?![.,]\d)")
"""Names that begin with letters: H100, GB200, HBM3E. A currency before digits makes no name."""

INLINE = {"text", "softbreak", "hardbreak", "em_open", "em_close", "strong_open", "strong_close", "link_open", "link_close"}
REFUSED = {
    "code_inline": "code", "image": "a picture", "fence": "code", "code_block": "code (an indented paragraph)",
    "blockquote_open": "a quotation block", "hr": "a line across", "html_block": "HTML", "html_inline": "HTML",
    "heading_open": "a second heading",
}  # fmt: skip
LINKS = ("https://", "http://", "mailto:")
MEND_NUMBER = (
    "quote it from the run, as {{compute_nominal/p50/current/accessible/2028Q4}}, or give its source, as [[12 GW|source_id]]"
)


LABELS = ("regime", "channel", "gpu_class", "country", "quarter")


class Note(NamedTuple):
    """A note as written: where, which place it follows, by whom, its title and its text with the line where that begins."""

    file: Path
    place: str
    author: str
    title: str
    text: str
    line: int


class Book(NamedTuple):
    """All notes of a scenario, names that hold digits, sources that a note may cite, and what each file's bytes are."""

    notes: list[Note]
    names: list[str]
    sources: dict[str, dict[str, str]]
    hashes: dict[str, str]


def note_folder(scenario: str, home: Path) -> Path:
    """Where the notes of a scenario are written."""
    return home / "params" / FOLDER / scenario


def note_files(scenario: str, home: Path) -> list[Path]:
    """The notes of a scenario in the order in which they are read."""
    return sorted(note_folder(scenario, home).glob("*.md"))


def read_book(scenario: str, catalogue: Catalogue) -> Book:
    """The notes of a scenario in the order of their files. Raises BadInput with file and line."""
    files = note_files(scenario, catalogue.home)
    labels = [catalogue.table("gpus/classes.csv")["label"], catalogue.chips["label"]]
    names = {str(name) for column in labels for name in column}
    names |= {word for regime in catalogue.regimes.values() for word in (regime.title, regime.short)}
    held = [name for name in names if any(map(str.isdigit, name)) and any(map(str.isalpha, name))]
    sources = {
        row.source: {"publisher": row.publisher, "date": f"{row.date:%Y-%m-%d}", "url": row.url}
        for row in catalogue.table("sources.csv").itertuples()
    }
    longest = sorted(held, key=lambda name: (-len(name), name))
    return Book([read_note(path) for path in files], longest, sources, {path.name: digest(path) for path in files})


def read_note(path: Path) -> Note:
    """One note, its front matter and heading read. Raises BadInput."""
    whole = read_text(path).replace("\r\n", "\n")
    front = FRONT.match(whole)
    try:
        fields = YAML(typ="safe").load(front[1]) if front else {}
    except YAMLError as problem:
        raise BadInput("the lines between the dashes cannot be read", file=path, line=2, found=str(problem)) from None
    if not isinstance(fields, dict) or set(fields) - {"place", "author", "date"}:
        raise BadInput(
            "unknown fields in the head of a note", file=path, line=2, found=str(fields), expected="author, place, date"
        )
    author = str(fields.get("author") or "").strip()
    if not author:
        raise BadInput("a note needs its author", file=path, line=1, expected="---, author: A. Analyst, ---")
    place = str(fields.get("place") or path.stem.lstrip("0123456789-_ "))
    if place not in PLACES:
        near = difflib.get_close_matches(place, PLACES, n=1)
        raise BadInput(
            "no such place in the brief", file=path, line=1, key="place", found=place, expected=", ".join(PLACES),
            mend=f"did you mean {near[0]}?" if near else None,
        )  # fmt: skip
    begun = whole[: front.end()].count("\n") if front else 0
    rest = whole[front.end() :] if front else whole
    blank = len(rest) - len(rest.lstrip("\n"))
    heading = re.match(r"#{1,6}[ \t]+(\S[^\n]*)(?:\n|$)", rest[blank:])
    if heading is None:
        raise BadInput("a note begins with a heading", file=path, line=begun + blank + 1, expected="# What it says, in one line")
    if any(PRIVATE <= ord(letter) < PRIVATE + 0x1900 for letter in whole):
        raise BadInput("a letter of no meaning", file=path, expected="text")
    return Note(path, place, author, heading[1].rstrip("# \t"), rest[blank + heading.end() :], begun + blank + 2)


def commentary(book: Book | None, numbers: Numbers, scope: Scope, places: Sequence[str]) -> list[dict[str, Any]]:
    """What the template shows of each note: place, title, author and blocks. Raises BadInput where a note is not true."""
    return [_Setter(note, book, numbers, scope).told(places) for note in book.notes] if book else []


class _Setter:
    """One note on its way into the brief: what its quotes and lines need to know."""

    def __init__(self, note: Note, book: Book, numbers: Numbers, scope: Scope) -> None:
        self.note, self.book, self.numbers, self.scope = note, book, numbers, scope
        self.pieces: list[dict[str, Any]] = []

    def told(self, places: Sequence[str]) -> dict[str, Any]:
        if self.note.place not in places:
            raise self.problem("the brief of this run has no such section", 1, self.note.place, ", ".join(places))
        title = self.parts_of(self.marked(self.note.title, self.note.line - 1), self.note.line - 1, {})
        text = MarkdownIt("commonmark", {"html": False}).parse(self.marked(self.note.text, self.note.line))
        own = {"place": self.note.place, "kind": _("Analyst’s note"), "author": self.note.author}
        return {**own, "title": title, "blocks": list(self.blocks(text))}

    def problem(self, what: str, line: int, found: str, expected: str | None = None, mend: str | None = None) -> BadInput:
        return BadInput(what, file=self.note.file, line=line, found=found, expected=expected, mend=mend)

    def marked(self, text: str, line: int) -> str:
        """The text with a letter of no meaning for each quote; lines stay where they are."""

        def one(match: re.Match[str]) -> str:
            at = line + text[: match.start()].count("\n")
            self.pieces.append(self.quote(match[1], at) if match[1] is not None else self.source(match[2], at))
            return chr(PRIVATE + len(self.pieces) - 1) + "\n" * match[0].count("\n")

        return QUOTED.sub(one, text)

    def quote(self, asked: str, line: int) -> dict[str, Any]:
        """A number of the run by its id. Raises BadInput where there is none, or it is no longer what the note says."""
        found = ASKED.fullmatch(asked.strip())
        if found is None or (found[2] and found[2] not in STYLES):
            expected = "{{ID}}, {{ID|STYLE}} or {{ID = TEXT}}; styles: " + ", ".join(STYLES)
            raise self.problem("a quote that cannot be read", line, f"{{{{{asked}}}}}", expected)
        try:
            number = number_of(self.numbers, self.scope, found[1], found[2])
        except BadInput as error:
            near = difflib.get_close_matches(found[1], self.numbers.held, n=1, cutoff=0.6)
            mend = f"did you mean {near[0]}?" if near else "ids stand in numbers.csv of the run; rows in summary.csv"
            raise self.problem("the run holds no such number", line, found[1], error.expected, mend) from None
        if found[3] is not None and _plain(found[3]) != _plain(number.text):
            raise self.problem(
                "a note quotes a number that is no longer true", line, f"{found[1]} = {found[3].strip()}", number.text,
                "look at the sentence again, then write what the run says now",
            )  # fmt: skip
        return {"id": number.id}

    def source(self, given: str, line: int) -> dict[str, Any]:
        """A number with its source."""
        text, bar, name = (part.strip() for part in given.partition("|"))
        if not bar or not text or name not in self.book.sources:
            near = difflib.get_close_matches(name, self.book.sources, n=1)
            mend = f"did you mean {near[0]}?" if near else "add the source first: forecast add source"
            raise self.problem("a number without a known source", line, f"[[{given}]]", "[[TEXT|a source of sources.csv]]", mend)
        row = self.book.sources[name]
        return {"text": text, "cited": f"{row['publisher']}, {row['date']}", "link": row["url"]}

    def blocks(self, tokens: Sequence[Token]) -> Iterator[dict[str, Any]]:
        """Paragraphs and lists. Raises BadInput for anything else."""
        items: list[list[dict[str, Any]]] | None = None
        for token in tokens:
            line = self.note.line + (token.map[0] if token.map else 0)
            if token.type in REFUSED:
                allowed = "paragraphs, lists, emphasis and links"
                raise self.problem(f"a note holds {REFUSED[token.type]}", line, token.content.strip() or token.markup, allowed)
            if token.type in ("bullet_list_open", "ordered_list_open"):
                if items is not None:
                    raise self.problem("a note holds a list inside a list", line, token.markup, "one list after another")
                items = []
            elif token.type == "list_item_open":
                items = [*(items or []), []]
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                yield {"items": items, "ordered": token.type.startswith("ordered")}
                items = None
            elif token.type == "inline":
                parts = list(self.inline(token.children or [], line))
                if items:
                    items[-1] += ([{"text": " "}] if items[-1] else []) + parts
                else:
                    yield {"parts": parts}

    def inline(self, tokens: Sequence[Token], line: int) -> Iterator[dict[str, Any]]:
        """The pieces of one paragraph, each with its emphasis and link."""
        how: dict[str, Any] = {}
        for token in tokens:
            if token.type not in INLINE:
                what = REFUSED.get(token.type, token.type)
                raise self.problem(f"a note holds {what}", line, token.content, "paragraphs, lists, emphasis and links")
            match token.type:
                case "softbreak" | "hardbreak":
                    line += 1
                    yield {"text": " ", **how}
                case "link_open":
                    target = str(token.attrs.get("href", ""))
                    if not target.startswith(LINKS):
                        raise self.problem("a link that leads nowhere", line, target, f"an address: {', '.join(LINKS)}")
                    how = {**how, "link": target}
                case "em_open" | "strong_open":
                    how = {**how, token.tag: True}
                case "em_close" | "strong_close" | "link_close":
                    gone = "link" if token.type == "link_close" else token.tag
                    how = {key: value for key, value in how.items() if key != gone}
                case _:
                    yield from self.parts_of(token.content, line, how)

    def parts_of(self, text: str, line: int, how: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Text and quotes. Raises BadInput where a number stands in the text."""
        pieces = re.split("([\ue000-\uf8ff])", text)
        words = "\ue000".join(pieces[::2])
        if bare := bare_number(words, self.book.names):
            expected = "a quote of the run or a number with its source"
            raise self.problem("a note holds a number of its own", line, bare, expected, MEND_NUMBER)
        out = []
        for number, piece in enumerate(pieces):
            if number % 2:
                out.append({**how, **self.pieces[ord(piece) - PRIVATE]})
            elif piece:
                out.append({"text": piece, **how})
        return out


def bare_number(text: str, names: Sequence[str]) -> str | None:
    """The first number in words that is neither a date nor part of a name; None where there is none."""
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text)
    for known in (DATES, CODES, LETTERED):
        text = known.sub("", text)
    at = next((n for n, letter in enumerate(text) if unicodedata.category(letter).startswith("N")), None)
    if at is None:
        return None
    begin = max(text.rfind(" ", 0, at) + 1, 0)
    found = re.match(r"\S+", text[begin:].lstrip())
    return (found[0] if found else text[at]).strip("\ue000,.;:()")


def number_of(numbers: Numbers, scope: Scope, id_: str, style: str | None) -> Number:
    """A number that the brief holds by its id, else a row of the summary: VARIABLE/STATISTIC/LABEL/..., a label or name=label."""
    if id_ in numbers.held and style is None:
        return numbers.held[id_]
    variable, _slash, rest = id_.partition("/")
    statistic, *given = rest.split("/")
    table = numbers.rows.table
    own = table[table["variable"] == variable]
    if own.empty or not statistic:
        raise BadInput("no such variable", expected="VARIABLE/STATISTIC/REGIME/CHANNEL/QUARTER")
    labels: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals:
            value = word
            name = next(
                (
                    one
                    for one in ("regime", "channel", "gpu_class", "country", "quarter")
                    if one not in labels and (own[one] == word).any()
                ),
                "",
            )
        if name not in ("regime", "channel", "gpu_class", "country", "quarter"):
            raise BadInput("no such label", expected=f"labels that rows of {variable} have; {word!r} is none")
        labels[name] = value
    unit = str(own["unit"].iloc[0])
    usual = "share" if statistic.startswith(("p_", "share:")) else "millions" if "H100e" in unit else "plain"
    chosen = style or ("change" if variable.startswith("effect:") and usual == "millions" else usual)
    if not {"regime", "quarter"} <= set(labels):
        raise BadInput("labels are missing", expected="a regime and a quarter at least")
    held = Numbers(numbers.rows).read(variable, statistic, chosen, **labels)
    known = numbers.held.get(held.id)
    id_held = held.id if known is None or known.text == held.text else f"{held.id}|{chosen}"
    return numbers.add(id_held, held.text, *held.values, rows=held.rows)


def _plain(text: str) -> str:
    """A number as anybody types it: any minus, any space."""
    return " ".join(re.sub("[−–‐‑]", "-", text).split())
