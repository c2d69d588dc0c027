"""The law on many chips, quarters and destinations at once, as a Dataset."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecast.chipnames import find_chip
from forecast.contract import BadInput
from forecast.names import parse_quarter, quarters_between
from forecast.regime import Move, Rule, days_in_force, resolve
from forecast.rulebook import Law, facts_of, law_of, place_asked, provisions_on
from forecast.scenario import FIRST, LAST
from forecast.stages.permissions import OPEN, STATUSES, Facts, Provision, judge, reaches

DESTINATIONS = ("CN", "HK", "MO", "SG", "MY", "ID", "JP", "AE", "SA", "VN")
"""China and the places that the debate on racks abroad is about."""

Asked = tuple[tuple[Provision, ...], tuple[Provision, ...]]


def status_dataset(
    chips: pd.DataFrame | Sequence[str] | None = None,
    quarters: pd.DatetimeIndex | Sequence[str] | None = None,
    countries: Sequence[str] = DESTINATIONS,
    *,
    hq: str | None = None,
    regime: str = "current",
    params: Law | Path | str | None = None,
) -> xr.Dataset:
    """Status of chips by quarter and destination (chip, quarter, country).

    Rows with another index name that dimension, and hold the chip that each stands for in a column `chip`.
    `status` is the code of STATUSES on the quarter's last day [1]; `permitted` the share of its days on which the part may go
    at all [1]: free, exceptions, presumption of approval and case by case count, denial and prohibition do not.
    chips: rows of the chip table, names, or None for all; quarters: starts, labels such as 2027Q2, or None for all.
    Raises BadInput on an unknown chip, quarter, place or regime. Source: the dated moves of params/regimes.
    """
    law = law_of(params)
    rows, times = _rows(chips, law.chips), _quarters(quarters)
    places = [place_asked(country, "countries") for country in countries]
    home = None if hq is None else place_asked(hq, "hq")
    moves = resolve(regime, law.regimes)
    starts, ends = times[0].date(), (times[-1] + pd.offsets.QuarterEnd()).date()
    inside = sorted({move.since for move in moves if _of_a_rule(move) and starts < move.since <= ends})
    facts = facts_of(rows) | ({"chip": rows["chip"].to_numpy(dtype=object)} if "chip" in rows else {})
    codes = _codes(facts, moves, (starts, *inside), places, home)
    last_days = (times + pd.offsets.QuarterEnd()).to_numpy().astype("datetime64[D]")
    standing = np.searchsorted(np.array(inside, dtype="datetime64[D]"), last_days, side="right")
    share = np.einsum("skc,sq->kqc", (codes <= OPEN).astype(float), days_in_force(inside, times))
    name = str(rows.index.name or "chip")
    dims = (name, "quarter", "country")
    return xr.Dataset(
        {
            "status": (dims, codes[standing].transpose(1, 0, 2), _status_attrs()),
            "permitted": (dims, np.clip(share, 0.0, 1.0), {
                "units": "1", "long_name": "Share of the quarter's days on which the part may go at all",
                "method": "thresholds against the chip's sheet, by days in force",
            }),
        },
        coords={name: rows.index.to_numpy(dtype=object), "quarter": times, "country": places},
        attrs={"regime": regime, "headquarters": home or "as the destination"},
    )  # fmt: skip


def _of_a_rule(move: Move) -> bool:
    """Whether a move may change a status: it sets a control or a relief, or takes something back."""
    return isinstance(move.value, Rule) or move.value is None


def _codes(facts: Facts, moves: Sequence[Move], days: Sequence[dt.date], places: Sequence[str], hq: str | None) -> np.ndarray:
    """Codes of STATUSES (day, chip, country); rules that ask alike are evaluated once, whatever the day and the place."""
    seen: dict[Asked, np.ndarray] = {}
    out = np.empty((len(days), len(facts["chip"]), len(places)), dtype=np.int8)
    for n, day in enumerate(days):
        controls, reliefs = provisions_on(moves, day)
        for k, place in enumerate(places):
            asked = _asked(controls, place, hq), _asked(reliefs, place, hq)
            if asked not in seen:
                seen[asked] = judge(*asked, facts, place, hq).code
            out[n, :, k] = seen[asked]
    return out


def _asked(rules: Sequence[Provision], place: str, hq: str | None) -> tuple[Provision, ...]:
    """The rules that cover a destination or a buyer's headquarters."""
    return tuple(rule for rule in rules if reaches(rule, place, hq))


def _rows(chips: pd.DataFrame | Sequence[str] | None, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the chip table from rows, names or nothing."""
    if isinstance(chips, pd.DataFrame):
        return chips
    return table if chips is None else table.loc[[find_chip(name, table) for name in chips]]


def _quarters(quarters: pd.DatetimeIndex | Sequence[str] | None) -> pd.DatetimeIndex:
    """Starts of quarters from starts, labels or nothing. Raises BadInput unless they follow one another."""
    if quarters is None:
        return quarters_between(FIRST, LAST)
    try:
        starts = (
            quarters if isinstance(quarters, pd.DatetimeIndex) else pd.DatetimeIndex([parse_quarter(word) for word in quarters])
        )
    except ValueError as problem:
        raise BadInput("not a quarter", key="quarters", expected=str(problem)) from None
    found = starts.rename("quarter")
    if not len(found) or not found.equals(pd.date_range(found[0], periods=len(found), freq="QS", name="quarter")):
        raise BadInput("quarters must follow one another", key="quarters", expected="labels such as 2026Q4, 2027Q1")
    return found


def _status_attrs() -> Mapping[str, object]:
    """Unit, sentence and the words of the codes."""
    return {
        "units": "1",
        "long_name": "Status of the part on the last day of the quarter",
        "method": "thresholds against the chip's sheet",
        "flag_values": np.arange(len(STATUSES), dtype=np.int8),
        "flag_meanings": " ".join(STATUSES),
    }
