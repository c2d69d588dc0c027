"""Tables as text, or ready to paste into Markdown or a page."""

from collections.abc import Callable, Sequence
from html import escape

import pandas as pd

from forecast.contract import BadInput
from forecast.contrast import aligned

FORMS = ("text", "md", "html")


def known_form(form: str) -> None:
    """Raises BadInput on a form that is not known."""
    if form not in FORMS:
        raise BadInput("a form that is not known", key="--format", found=form, expected=", ".join(FORMS))


def laid_out(form: str, title: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> list[str]:
    """A table (heads first) in one of the forms, as lines. Raises BadInput on a form that is not known."""
    known_form(form)
    if form == "text":
        return [*([title, ""] if title else []), *aligned(rows), "", *notes]
    return (as_markdown if form == "md" else as_html)(title, rows, notes)


def two_levers(
    names: Sequence[str], levers: Sequence[str], since: str | None, draws: int | None, step: Callable[[str], None]
) -> tuple[str, list[list[str]], list[str], pd.DataFrame]:
    """Title, rows, notes and numbers of a table of one regime, lever by lever. Raises BadInput unless there are one and two."""
    from forecast.grid import axis, grid, two_way

    levers = [*levers, *(word for word in names if "=" in word)]
    names = [word for word in names if "=" not in word]
    if len(names) != 1 or len(levers) != 2:
        raise BadInput(
            "a two-way table is of one scenario or regime and two levers", found=f"{len(names)} names, {len(levers)} levers",
            expected="as in: forecast compare current --grid cn_accept=0.2,0.5,1 diversion=0.4,1",
        )  # fmt: skip
    down, across = axis(levers[0]), axis(levers[1])
    table = grid(names[0], down, across, since, draws=draws, step=step)
    title, rows, note = two_way(table, down, across)
    return title, rows, [note], table


def as_markdown(title: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> list[str]:
    """A table ready to paste into Markdown; a row of one cell is a heading in bold."""
    wide = max(map(len, rows))
    lines = [f"**{title}**", ""] if title else []
    for number, row in enumerate(rows):
        cells = [*row, *[""] * (wide - len(row))]
        first = f"**{cells[0]}**" if len(row) == 1 else cells[0]
        lines.append("| " + " | ".join(cell.strip().replace("|", "\\|") for cell in [first, *cells[1:]]) + " |")
        if number == 0:
            lines.append("|" + "---|" * wide)
    return [*lines, "", *notes]


def as_html(title: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> list[str]:
    """A table ready to paste into a page, with heads that a screen reader knows."""
    wide = max(map(len, rows))
    lines = ["<table>", *([f"<caption>{escape(title)}</caption>"] if title else [])]
    lines.append("<thead><tr>" + "".join(f'<th scope="col">{escape(cell)}</th>' for cell in rows[0]) + "</tr></thead>")
    for row in rows[1:]:
        if len(row) == 1:
            lines.append(f'<tr><th scope="rowgroup" colspan="{wide}">{escape(row[0].strip())}</th></tr>')
            continue
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        lines.append(f'<tr><th scope="row">{escape(row[0].strip())}</th>{cells}</tr>')
    return [*lines, "</table>", *(f"<p>{escape(note)}</p>" for note in notes)]
