"""A mistake as one box for a person: where, what, why, how to mend. The traceback stays away until it is asked for (%tb)."""

import sys
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any

from forecast.contract import BadInput, Breach, told

ON_REQUEST = "This cell did not finish: see the box above. For the technical traceback run a cell with: %tb"

FRAME = (
    "border:1px solid #bf5b34;border-left-width:6px;border-radius:2px;padding:8px 14px;max-width:80ch;"
    "background:#fff;color:#1c2430"
)
CELL = "text-align:left;vertical-align:top;padding:1px 12px 1px 0"


def box(problem: BaseException) -> str:
    """A mistake as HTML. A Breach is told as ours, with what a person can do all the same."""
    problem = told(problem)
    if isinstance(problem, BadInput):
        return _framed(problem.what, _rows(problem))
    rows = [
        ("what", str(problem)),
        (
            "why",
            "the model checks its own books on every run, and here they do not balance: no result is better than a wrong one",
        ),
        ("mend", "undo the last change of an input; if nothing was changed, the fault is ours: tell us what you ran"),
    ]
    return _framed("The model stopped itself", rows)


def _rows(problem: BadInput) -> list[tuple[str, str]]:
    """The facts of a mistake that are known."""
    line = f", line {problem.line}" if problem.line else ""
    found = None if problem.found is None else str(problem.found)
    rows = [
        ("file", _near(problem.file) + line if problem.file else None),
        ("where", problem.key),
        ("found", found),
        ("expected", problem.expected),
        ("mend", problem.mend or ("change it to what is expected and run the cell again" if problem.expected else None)),
    ]
    return [(name, text) for name, text in rows if text]


def _framed(title: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr style="background:none"><th scope="row" style="{CELL};color:#5a6472">{name}</th>'
        f'<td style="{CELL};white-space:normal;overflow-wrap:anywhere">{escape(text)}</td></tr>'
        for name, text in rows
    )  # fmt: skip
    return f'<div role="alert" style="{FRAME}"><b>{escape(title)}</b><table style="margin:4px 0 0">{cells}</table></div>'


def _near(place: Path | str) -> str:
    """A path as seen from the folder at hand, where it lies below it."""
    path = Path(place)
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(place)


def use_boxes(shell: Any = None) -> bool:
    """Let a notebook show its mistakes as boxes from now on. Returns whether there is a notebook to do so."""
    if shell is None:
        from IPython import get_ipython

        shell = get_ipython()
    if shell is None:
        return False
    shell.set_custom_exc((BadInput, Breach, PermissionError), _shown)
    return True


def _shown(
    shell: Any, kind: type[BaseException], problem: BaseException, trace: TracebackType, tb_offset: int | None = None
) -> list[str]:
    """What IPython calls in place of its traceback: the box, and one line that makes the cell count as failed."""
    from IPython.display import HTML, display

    sys.last_type, sys.last_value, sys.last_traceback = kind, problem, trace
    display(HTML(box(problem)))  # type: ignore[no-untyped-call]
    shell._showtraceback(kind, problem, [ON_REQUEST])
    return [ON_REQUEST]
