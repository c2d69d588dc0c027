"""Time to bite and half-life: how soon each instrument moves training compute, and how long its effect outlives a repeal.

Each instrument is put alone on top of a base regime, once to stay and once to be taken back some years after it took effect.
Nobody expects the repeal: it is announced on its day. All worlds are shared, so effects are paired differences.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, nearest, open_catalogue, with_own
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import label_quarter, parse_quarter
from forecast.regime import Move, Regime, Rule, layers, lineage, parted, resolve, state_on
from forecast.rows import grouped, period
from forecast.scenario import Scenario

SIZE = 0.05
"""An instrument bites when it moves the stock by this share."""

NOTHING = 1e-3
"""A gap below this share of the stock is no effect that could outlive anything."""

COLUMNS = (
    "instrument", "title", "against", "effective", "bites_after", "peak", "peak_at", "worlds", "repealed", "gap_at_repeal",
    "largest_gap", "half_life", "left", "bites", "outlives",
)  # fmt: skip


class Timing(NamedTuple):
    """When something first happens, in quarters since it could; None: never within the horizon."""

    quarters: int | None
    peak: float
    peak_at: int


def time_to_bite(
    scenario: Scenario,
    instruments: Sequence[str] = (),
    size: float = SIZE,
    years: int = 2,
    catalogue: Catalogue | None = None,
) -> pd.DataFrame:
    """One row per instrument (all of params/regimes/instruments unless some are named), COLUMNS, by date of effect.

    The stock is training-usable accessible compute. `bites_after`: quarters from the quarter of effect to the first bound at
    which the median relative effect is at least `size`, zero or less where buyers rushed ahead of it; `peak`: the largest median
    relative effect, `peak_at` its quarter; `worlds`: the largest share of worlds beyond `size` at any bound. Repealed `years`
    after its effect: `gap_at_repeal` and `largest_gap` after it [H100e], medians; `half_life`: quarters from the repeal until
    the gap, past its largest, is at most half of that; `left`: share of the largest gap at the end of the run. Missing values
    mean never, said in words in `bites` and `outlives`. Raises BadInput for an unknown instrument or one that takes effect too
    late.
    """
    catalogue = catalogue or open_catalogue()
    base = scenario.regimes[0]
    known = {name: each for name, each in catalogue.regimes.items() if each.status == "instrument"}
    for name in instruments:
        if name not in known:
            raise BadInput("no such instrument", found=name, expected=", ".join(sorted(known)), mend=nearest(name, known))
    chosen = sorted((known[name] for name in instruments or known), key=lambda each: (each.effective, each.name))
    pairs = {each.name: alone(each, base, years, catalogue.regimes) for each in chosen}
    book = {**catalogue.regimes, **{piece.name: piece for pair in pairs.values() for piece in pair}}
    names = {name: tuple(_overlaid(piece.name, base) for piece in pair[:2]) for name, pair in pairs.items()}
    asked = scenario.model_copy(update={"regimes": (base, *(name for pair in names.values() for name in pair))})
    inputs = build_inputs(asked, replace(catalogue, regimes=book))
    bounds = pd.DatetimeIndex(inputs["bound"].values)
    level = _stock(inputs.sel(regime=[base]))[0]
    rows = []
    for each in chosen:
        stayed, repealed = _stock(inputs.sel(regime=list(names[each.name])))
        begins, ends = (_starts(bounds, day) for day in (each.effective, _later(each.effective, years)))
        rows.append(_row(each, base, bounds, (begins, ends), size, (level, stayed, repealed)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"bites_after": "Int64", "half_life": "Int64"})


def alone(instrument: Regime, base: str, years: int, book: Mapping[str, Regime]) -> tuple[Regime, Regime, Regime]:
    """An instrument on top of a base, to stay; the same taken back; and the piece of it that had its effect before.

    On the day of repeal every lever that it moved goes to where the base has it on that day; moves that were still to come
    fall away.
    """
    day = _later(instrument.effective, years)
    told = {"status": "what_if", "parent": parted(base)[0], "moves": (), "ambiguities": ()}
    stays = instrument.model_copy(update={**told, "name": f"only-{instrument.name}", "instruments": (instrument.name,)})
    early = tuple(move for move in instrument.moves if move.since < day)
    piece = instrument.model_copy(update={"name": f"{instrument.name}-until-{day.year}", "moves": early})
    back = tuple(_restored(lever, day, base, book) for lever in dict.fromkeys(move.lever for move in early))
    dated = {"announced": day, "effective": day, "expected_from": None, "moves": back}
    ends = instrument.model_copy(update={**told, **dated, "name": f"repealed-{instrument.name}", "instruments": (piece.name,)})
    return stays, ends, piece


def timing_of_regimes(scenario: Scenario, size: float = SIZE, years: int = 2, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """The same for the whole regimes of a scenario against its first: one row each, COLUMNS; `instrument` is the regime.

    Each is taken back whole, some years after its first setting took effect; overlays stay. A regime that stands beside the base
    and not on it, or differs by overlays alone, has nothing to take back: its `half_life` is missing and `outlives` says so.
    """
    catalogue = with_own(catalogue or open_catalogue(), scenario)
    base, others = scenario.regimes[0], scenario.regimes[1:]
    undone = {name: taken_back(name, base, years, catalogue.regimes) for name in others}
    made = {regime.name: regime for pair in undone.values() if pair for regime in pair}
    repealed = {name: _overlaid(pair[0].name, name) for name, pair in undone.items() if pair}
    asked = scenario.model_copy(update={"regimes": (*scenario.regimes, *repealed.values()), "what_ifs": ()})
    inputs = build_inputs(asked, replace(catalogue, regimes={**catalogue.regimes, **made}))
    bounds = pd.DatetimeIndex(inputs["bound"].values)
    stocks = dict(zip(asked.regimes, _stock(inputs), strict=True))
    rows = []
    for name in others:
        own = own_layers(name, base, catalogue.regimes)
        day = min((move.since for layer in own for move in layer.moves), default=None)
        whole = catalogue.regimes[parted(name)[0]].model_copy(update={"name": name, **({"effective": day} if day else {})})
        begins = scenario.observed if day is None else _starts(bounds, day)
        ends = begins if name not in repealed or day is None else _starts(bounds, _later(day, years))
        row = _row(whole, base, bounds, (begins, ends), size, (stocks[base], stocks[name], stocks[repealed.get(name, base)]))
        if name not in repealed:
            row |= {"repealed": "", "half_life": None, "left": 0.0, "outlives": "nothing to take back"}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"bites_after": "Int64", "half_life": "Int64"})


def own_layers(name: str, base: str, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """What a regime puts on top of the base's law, weakest first; nothing where it stands beside it. No overlays."""
    if parted(base)[0] not in [regime.name for regime in lineage(name, book)]:
        return ()
    below = {layer.name for layer in layers(parted(base)[0], book)}
    return tuple(layer for layer in layers(parted(name)[0], book) if layer.name not in below and layer.moves)


def taken_back(name: str, base: str, years: int, book: Mapping[str, Regime]) -> tuple[Regime, ...]:
    """A regime that ends on a day some years after its first setting, and the pieces of it that had their effect before.

    On that day, which nobody expects, every lever that it moved goes to where the base has it. Empty where there is nothing.
    """
    own = own_layers(name, base, book)
    if not own:
        return ()
    day = _later(min(move.since for layer in own for move in layer.moves), years)
    pieces = [
        layer.model_copy(
            update={
                "name": f"{layer.name}-until-{day.year}", "parent": None, "status": "instrument", "instruments": (),
                "moves": tuple(move for move in layer.moves if move.since < day),
            }
        )
        for layer in own
    ]  # fmt: skip
    levers = dict.fromkeys(move.lever for piece in pieces for move in piece.moves)
    ends = own[-1].model_copy(
        update={
            "name": f"repealed-{parted(name)[0]}", "parent": parted(base)[0], "status": "what_if", "announced": day,
            "effective": day, "expected_from": None, "instruments": tuple(piece.name for piece in pieces), "ambiguities": (),
            "moves": tuple(_restored(lever, day, base, book) for lever in levers),
        }
    )  # fmt: skip
    return (ends, *pieces)


def _restored(lever: str, day: dt.date, base: str, book: Mapping[str, Regime]) -> Move:
    """The move that puts a lever back to where the base has it on a day."""
    state = state_on(resolve(parted(base)[0], book), day)
    held: Mapping[str, float | Rule] = {**state.controls, **state.reliefs, **state.scalars}
    return Move(lever=lever, since=day, value=held.get(lever), tag="M", reason=f"taken back to where {base} has it")


def _overlaid(name: str, base: str) -> str:
    """A regime with the overlays of the base."""
    return "+".join((name, *parted(base)[1]))


def _later(day: dt.date, years: int) -> dt.date:
    """The same day some years on; 29 February becomes 28."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return dt.date(day.year + years, day.month, last)


def _starts(bounds: pd.DatetimeIndex, day: dt.date) -> int:
    """Place of the bound that opens the quarter of a day."""
    found = np.flatnonzero(bounds.values == parse_quarter(label_quarter(pd.Timestamp(day))))
    if not len(found) or found[0] >= len(bounds) - 1:
        raise BadInput(
            "an instrument or its repeal takes effect outside the run", found=day, expected=f"a day from {bounds[0]:%Y-%m-%d} "
            f"to before {bounds[-1]:%Y-%m-%d}",
        )  # fmt: skip
    return int(found[0])


def _stock(inputs: xr.Dataset) -> np.ndarray:
    """Training-usable accessible compute (regime, bound, draw). [H100e]"""
    stock = grouped(run(inputs)["compute_training"]).sel(channel="accessible")
    return np.asarray(stock.transpose("regime", "bound", "draw").values, dtype=float)


def bite(effect: np.ndarray, begins: int, size: float) -> Timing:
    """When the median of a relative effect (bound, draw) first reaches a size, in quarters after the bound `begins`."""
    middle = np.median(effect, axis=-1)
    beyond = np.flatnonzero(np.abs(middle) >= size)
    peak = int(np.abs(middle).argmax())
    return Timing(int(beyond[0]) - begins if len(beyond) else None, float(middle[peak]), peak)


def half_life(gap: np.ndarray, ends: int) -> Timing:
    """When the median of a gap (bound, draw) has fallen to half of its largest after the bound `ends`, in quarters after it."""
    middle = np.median(gap, axis=-1)
    peak = ends + int(np.abs(middle[ends:]).argmax())
    fallen = np.flatnonzero(np.abs(middle[peak:]) <= np.abs(middle[peak]) / 2.0)
    return Timing(int(peak + fallen[0] - ends) if len(fallen) else None, float(middle[peak]), peak)


def _row(
    each: Regime, base: str, bounds: pd.DatetimeIndex, spell: tuple[int, int], size: float, stocks: tuple[np.ndarray, ...]
) -> dict[str, object]:
    """What one instrument does, and what is left of it after repeal."""
    level, stayed, repealed = stocks
    begins, ends = spell
    effect = (stayed - level) / np.maximum(level, 1.0)
    felt, past = bite(effect, begins, size), half_life(repealed - level, ends)
    nothing = abs(past.peak) < NOTHING * float(np.median(level[past.peak_at]))
    last = len(bounds) - 1
    never = f"never within the horizon ({_quarter(bounds, last)})"
    grows = f"still growing at the end of the run ({_quarter(bounds, last)})"
    after_repeal = {
        "repealed": str(bounds[ends])[:10],
        "gap_at_repeal": float(np.median(repealed[ends] - level[ends])),
        "largest_gap": past.peak,
        "half_life": None if nothing else past.quarters,
        "left": 0.0 if nothing else float(np.median(repealed[-1] - level[-1]) / past.peak),
        "outlives": "no effect to outlive" if nothing else _said(past.quarters, grows if past.peak_at == last else never),
    }
    return {
        "instrument": each.name,
        "title": each.title,
        "against": base,
        "effective": str(each.effective),
        "bites_after": felt.quarters,
        "peak": felt.peak,
        "peak_at": _quarter(bounds, felt.peak_at) if felt.peak else "",
        "worlds": float((np.abs(effect) >= size).mean(axis=-1).max()),
        "bites": _said(felt.quarters, never),
    } | after_repeal


def _said(quarters: int | None, never: str) -> str:
    """A number of quarters in words."""
    if quarters is None:
        return never
    if quarters <= 0:
        return "before it takes effect" if quarters < 0 else "as it takes effect"
    return f"{quarters} quarter{'s' if quarters > 1 else ''}"


def _quarter(bounds: pd.DatetimeIndex, place: int) -> str:
    """The quarter that a bound closes."""
    return period(bounds[place].to_datetime64(), "bound")
