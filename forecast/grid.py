"""Lever by lever: what two levers together make of a stock, against the regime as it stands, draw by draw."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from forecast.adhoc import parse
from forecast.catalogue.load import nearest
from forecast.contract import BadInput
from forecast.explorer import Explorer
from forecast.regime import LEVERS
from forecast.tables import signed, spread, two_digits

DRAWS = 512


class Axis(NamedTuple):
    """One lever and the values that it takes."""

    lever: str
    values: tuple[float, ...]


def axis(text: str) -> Axis:
    """LEVER=VALUE,VALUE,... as typed. Raises BadInput that names the nearest lever."""
    name, _, values = text.partition("=")
    if name not in LEVERS:
        raise BadInput("not a lever", key="--grid", found=name, expected=", ".join(LEVERS), mend=nearest(name, LEVERS))
    read = tuple(parse(f"{name}={value.strip()}").value for value in values.split(",") if value.strip())
    low, high = LEVERS[name].low, LEVERS[name].high
    outside = [value for value in read if not low <= value <= high]
    if not read or outside or len(set(read)) != len(read):
        raise BadInput(
            "values that this lever cannot take", key="--grid", found=text,
            expected=f"different values from {low:g} to {high:g}, as in {name}={low:g},{high:g}",
        )  # fmt: skip
    return Axis(name, read)


def grid(
    word: str,
    down: Axis,
    across: Axis,
    since: str | None = None,
    channel: str = "accessible",
    draws: int | None = None,
    home: Path | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Stock and paired effect at the headline year for every pair of values, one pair a row. [H100e]

    Columns: two levers, since, channel, year, draws, then level and effect at p05, p50, p95. Raises BadInput for one lever
    twice, or where a setting cannot be used.
    """
    if down.lever == across.lever:
        raise BadInput("the same lever twice", key="--grid", found=down.lever, expected="two levers")
    explorer = Explorer(word, draws or DRAWS, home)
    start = since or explorer.first
    rows: list[dict[str, Any]] = []
    for one in down.values:
        for other in across.values:
            step(f"{down.lever} {one:g}, {across.lever} {other:g}")
            moved, _ = explorer.settings({down.lever: one, across.lever: other}, {}, start)
            answer = explorer.answer(moved, [], channel)
            level = answer.after[:, answer.bounds.get_loc(pd.Timestamp(answer.year + 1, 1, 1))]
            kinds, places = (("level", level), ("effect", answer.effect)), (("p05", 0), ("p50", 2), ("p95", 4))
            named = {f"{kind}_{name}": float(held[k]) for kind, held in kinds for name, k in places}
            shared: dict[str, Any] = {"since": start, "channel": channel, "year": answer.year, "draws": answer.draws}
            rows.append(shared | {down.lever: one, across.lever: other} | named)
    return pd.DataFrame(rows)


def two_way(table: pd.DataFrame, down: Axis, across: Axis) -> tuple[str, list[list[str]], str]:
    """Title, rows (heads first) and note of the table that a reader sees: effect, and below it the level."""
    first = table.iloc[0]
    rows = [[f"{down.lever} ↓  {across.lever} →", *(f"{value:g}" for value in across.values)]]
    for one in down.values:
        cells = [table[(table[down.lever] == one) & (table[across.lever] == other)].iloc[0] for other in across.values]
        rows.append([f"{one:g}", *(_effect(cell) for cell in cells)])
    title = f"What two levers change in {first['channel']} compute at end-{first['year']}, million H100e"
    note = (
        f"Median of paired differences to the regime as it stands, 90% interval, then the level's median; both levers from "
        f"{first['since']}; {first['draws']} draws."
    )
    return title, rows, note


def _effect(cell: pd.Series) -> str:
    low, mid, high, level = (float(cell[name]) / 1e6 for name in ("effect_p05", "effect_p50", "effect_p95", "level_p50"))
    return f"{signed(mid)} ({spread(low, high, 1.0, signed)}); {two_digits(level)}"
