"""Tables on paper: columns of numbers aligned at the point, widths from the words, smaller type or a turned page where needed."""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from forecast.paper.letters import width
from forecast.paper.pandoc import Block, Inline, plain, quoted, raw, raw_block, text_of
from forecast.paper.tree import caption_of

UPRIGHT, TURNED = 481.9, 728.5
"""Width of the text in points: A4 less two margins of 20 mm, upright and turned."""

INSET = 10.8
"""Points of each column that are not text: left and right of a cell, and a little for rounding."""

TRIES = (
    (8.3, UPRIGHT, 9.0), (7.6, UPRIGHT, 9.0), (7.0, UPRIGHT, 7.0), (6.8, UPRIGHT, 5.0),
    (7.6, TURNED, 7.0), (6.8, TURNED, 6.0), (6.0, TURNED, 0.0),
)  # fmt: skip
"""Type size [pt], width of the text [pt] and the least width of a column of words [type sizes], in the order tried."""

STRETCH = 1.7
"""How far a small table is drawn out to fill the page, and no further: a row must stay easy to follow."""

WHOLE = 24
"""Lines of a row up to which it is kept on one page."""

EMPTY = {"", "-", "–", "—", "nan", "NaN", "NaT", "None", "<NA>"}
NUMBER = re.compile(r"[<>]?[+\-−]?\d[\d,\u00a0\u202f]*(?:\.(\d+))?(?:[eE][+-]?\d+)?\s?%?")
WITH_RANGE = re.compile(r"([+\-−]?\d[\d,]*(?:\.\d+)?%?)\s*(\(.+\))")


class Cell(NamedTuple):
    """One cell: where it begins, how far it goes, what it holds, and whether it heads others."""

    row: int
    column: int
    rows: int
    columns: int
    blocks: list[Block]
    head: bool

    @property
    def text(self) -> str:
        """Its words, a line break as one."""
        return text_of(self.blocks).strip()


class Column(NamedTuple):
    """How a column is set: words or numbers, the widths it needs and would like, and places before and after the point."""

    numbers: bool
    least: float
    natural: float
    before: float
    after: str


def cells_of(table: Block) -> tuple[list[Cell], int, int, int]:
    """All cells of a table of pandoc; how many rows head it, how many rows and columns there are."""
    _, _, columns, (_, head), bodies, (_, foot) = table["c"]
    rows: list[tuple[bool, int, Any]] = [(True, 0, row) for row in head]
    for _, heads, inner, body in bodies:
        rows += [(True, 0, row) for row in inner] + [(False, heads, row) for row in body]
    rows += [(False, 0, row) for row in foot]
    taken: set[tuple[int, int]] = set()
    out = []
    for number, (heads_all, heads, (_, cells)) in enumerate(rows):
        at = 0
        for _, _, down, across, blocks in cells:
            while (number, at) in taken:
                at += 1
            down = min(down, len(rows) - number)
            across = max(1, min(across, len(columns) - at))
            taken |= {(number + i, at + j) for i in range(down) for j in range(across)}
            if at < len(columns):
                out.append(Cell(number, at, down, across, blocks, heads_all or at < heads))
            at += across
    return out, len(head), len(rows), len(columns)


def merged_heads(cells: list[Cell], heads: int) -> tuple[list[Cell], int]:
    """Names of an index that pandas writes names of the index into a head row of their own go into the empty cells above it."""
    rows = [[cell for cell in cells if cell.row == number] for number in range(heads)]
    if heads < 2:
        return cells, heads
    above, last = rows[-2], rows[-1]
    fits = all(cell.rows == cell.columns == 1 for cell in [*above, *last]) and len(above) == len(last)
    if not fits or any(a.text and b.text for a, b in zip(above, last, strict=True)):
        return cells, heads
    joined = [a if a.text else a._replace(blocks=b.blocks) for a, b in zip(above, last, strict=True)]
    kept = [c for c in cells if c.row < heads - 2] + joined + [c._replace(row=c.row - 1) for c in cells if c.row >= heads]
    return kept, heads - 1


def column_of(cells: Sequence[Cell], number: int, heads: int) -> Column:
    """How a column is set."""
    own = [cell for cell in cells if cell.column == number and cell.columns == 1]
    body = [cell.text for cell in own if cell.row >= heads]
    held = [text for text in body if text not in EMPTY]
    ranges = [WITH_RANGE.fullmatch(text) for text in held]
    centres = [found[1] if found else text for found, text in zip(ranges, held, strict=True)]
    figures = [NUMBER.fullmatch(text.rstrip("%")) for text in centres]
    counts = bool(held) and all(figures)
    lines = [line for cell in own for line in cell.text.split("\n")]
    least = max((width(word) for line in lines for word in re.split(r"[\s\u200b]", line)), default=0.0)
    natural = max(map(width, lines), default=0.0)
    if not counts:
        return Column(False, least, natural, -1.0, "")
    before = max(width(text.split(".")[0]) for text in centres) if any(ranges) else -1.0
    after = max(("." + found[1] if found and found[1] else "" for found in figures), key=len)
    room = max((width(text.split(".")[0] + after) for text in centres), default=0.0)
    if any(ranges):
        interval = max(width(found[2]) for found in ranges if found) * 1.08
        head = max((width(word) for cell in own if cell.row < heads for word in cell.text.split()), default=0.0)
        return Column(False, max(interval, room, head), max(natural, room + interval + 0.6), before, "")
    return Column(True, max(least, room), max(natural, room), -1.0, after)


def widths_of(columns: Sequence[Column], size: float, room: float, comfort: float) -> list[float] | None:
    """The width of each column in points that fills the room; None where the words do not fit at this size.

    Columns of few words get what they need; what is left goes by the root of a column's longest text, so that rows stay low.
    """
    least = [max(column.least, min(column.natural, comfort)) * size + INSET for column in columns]
    if sum(least) > room:
        return None
    whole = [max(column.natural * size + INSET, low) for column, low in zip(columns, least, strict=True)]
    if sum(whole) <= room:
        return [one * min(room / sum(whole), STRETCH) for one in whole]

    def given(rate: float) -> list[float]:
        return [max(low, min(full, rate * math.sqrt(full))) for low, full in zip(least, whole, strict=True)]

    low, high = 0.0, math.sqrt(max(whole))
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(given(middle)) <= room else (low, middle)
    return given(low)


def layout(columns: Sequence[Column]) -> tuple[float, float, list[float]]:
    """Type size, width of the page's text and widths of columns, all in points; in the last resort small and narrow."""
    for size, room, comfort in TRIES:
        made = widths_of(columns, size, room, comfort)
        if made is not None:
            return size, room, made
    size, room, _ = TRIES[-1]
    least = [min(column.least, 20.0) * size + INSET for column in columns]
    return size, room, [room * one / sum(least) for one in least]


def table_blocks(table: Block, note: Sequence[Inline] = ()) -> list[Block]:
    """A table as Typst of our template, in parts where even a turned page is too narrow for its columns."""
    cells, heads, rows, count = cells_of(table)
    if not cells or not count:
        return []
    before = heads
    cells, heads = merged_heads(cells, heads)
    rows -= before - heads
    title, told = caption_of(table["c"][1][1])
    columns = [column_of(cells, number, heads) for number in range(count)]
    parts = split(columns, cells)
    out: list[Block] = []
    for number, chosen in enumerate(parts):
        last = number == len(parts) - 1
        out += _one(_only(cells, chosen), heads, rows, [columns[at] for at in chosen], title, [*told, *note] if last else [])
    return out


def split(columns: Sequence[Column], cells: Sequence[Cell]) -> list[list[int]]:
    """Columns of each part: all in one where they fit; else as many as fit, the heading columns again in each."""
    everything = list(range(len(columns)))
    if widths_of(columns, *TRIES[-1]) is not None or any(cell.columns > 1 for cell in cells):
        return [everything]
    first = [at for at in everything if any(c.column == at and c.head and c.row > 0 for c in cells)] or [0]
    fixed = [at for at in range(max(first) + 1) if at in first]
    parts: list[list[int]] = []
    part = list(fixed)
    for at in everything[len(fixed) :]:
        if len(part) > len(fixed) and widths_of([columns[i] for i in (*part, at)], *TRIES[2]) is None:
            parts.append(part)
            part = list(fixed)
        part.append(at)
    return [*parts, part]


def _only(cells: Sequence[Cell], chosen: Sequence[int]) -> list[Cell]:
    """The cells of some columns, counted anew."""
    place = {at: number for number, at in enumerate(chosen)}
    return [cell._replace(column=place[cell.column]) for cell in cells if cell.column in place]


def _one(
    cells: Sequence[Cell], heads: int, rows: int, columns: Sequence[Column], title: Sequence[Inline], note: Sequence[Inline]
) -> list[Block]:
    """One part as Typst: the template's `frame` with a cell by itself for each."""
    size, room, widths = layout(columns)
    shape = ", ".join(f"{one:.1f}pt" for one in widths)
    turned = "true" if room > UPRIGHT else "false"
    out = [raw_block(f"#frame(size: {size}pt, turned: {turned}, columns: ({shape},), heads: {heads}, rows: {rows},")]
    for name, inlines in (("title", title), ("note", note)):
        if inlines:
            out.append(plain([raw(f'{name}: [#"";'), *inlines, raw("],")]))
    for cell in sorted(cells, key=lambda one: (one.row, one.column)):
        column = columns[cell.column]
        right = column.numbers and cell.columns == 1
        where = f"x: {cell.column}, y: {cell.row}, rowspan: {cell.rows}, colspan: {cell.columns}"
        where += f", breakable: {'false' if lines_of(cell, size, widths[cell.column]) <= WHOLE else 'true'}"
        how = f"head: {'true' if cell.head else 'false'}, right: {'true' if right else 'false'}"
        out.append(plain([raw(f'cell({where}, {how})[#"";'), *_content(cell, column, heads), raw("],")]))
    return [*out, raw_block(")")]


def lines_of(cell: Cell, size: float, room: float) -> int:
    """How many lines a cell takes in a column, about."""
    return sum(1 + int(width(line) * size / max(room - INSET, 1.0)) for line in cell.text.split("\n")) if cell.columns == 1 else 1


def _content(cell: Cell, column: Column, heads: int) -> list[Inline]:
    """What a cell shows: a number so that its point stands below the others', else its words line by line."""
    text = cell.text
    if cell.row >= heads and cell.columns == 1 and text not in EMPTY:
        if column.numbers:
            figure = NUMBER.fullmatch(text.rstrip("%"))
            missing = column.after[len("." + figure[1]) if figure and figure[1] else 0 :]
            shown = quoted(re.sub(r"^-(?=\d)", "−", text))
            return [raw(f"#{shown};" + (f"#space-of({quoted(missing)});" if missing else ""))]
        if column.before >= 0:
            found = WITH_RANGE.fullmatch(text)
            centre, rest = (found[1], found[2]) if found else (text, "")
            gap = max(column.before - width(centre.split(".")[0]), 0)
            return [raw(f"#h({gap:.3f}em);#central({quoted(re.sub('^-', '−', centre))}, {quoted(rest)});")]
    out: list[Inline] = []
    for block in cell.blocks:
        inlines = block["c"] if block["t"] in ("Plain", "Para") else _flat(block)
        out += ([{"t": "LineBreak"}] if out and inlines else []) + inlines
    return out


def _flat(block: Block) -> list[Inline]:
    """Any other block in a cell, as its words."""
    out: list[Inline] = []
    for line in text_of(block).strip().split("\n"):
        out += ([{"t": "LineBreak"}] if out else []) + [{"t": "Str", "c": line}]
    return out
