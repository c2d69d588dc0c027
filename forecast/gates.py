"""Two gates: what comes in when Washington permits less or more, and Beijing lets in little, some or much.

`two_gates` asks it of one class in one year; `gate_effects` of the stock at the end of a quarter, from nothing permitted up.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.inputs import OFFERED
from forecast.language import N_, _, number
from forecast.model import run, stock_at
from forecast.names import bounds_of, parse_quarter
from forecast.rows import additions_h100e, grouped, quantiles
from forecast.tables import Cell, Scope, Table, capital, in_percent, percent, signed, spread, two_digits, where, year_end

ANSWERS = {"refused": 0.0, "permitted": 1.0}
"""What the American gate says in every quarter after the origin."""

LEANINGS = {"low": 0.05, "median": 0.50, "high": 0.95}
"""Where in its own distribution Beijing's acceptance is held, quarter by quarter."""

LEANING_WORDS = {"low": N_("Low"), "median": N_("Median"), "high": N_("High")}

HOW_MUCH = {"low": N_("Little"), "median": N_("Some"), "high": N_("Much")}
"""What Beijing lets in at each leaning."""

REFERENCE = ("as law has it", "median")
"""The pair of answers that the others are compared with."""

LADDER: dict[str, dict[str, float]] = {
    "nothing": dict.fromkeys(OFFERED, 0.0),
    REFERENCE[0]: {},
    "cut-down Blackwell": {"b30a": 1.0},
    "full Blackwell": {"b30a": 1.0, "b200": 1.0, "b300": 1.0},
}
"""What the American gate lets through after the origin: shares set by class, all other classes as the base regime has them."""

REACH = ("onshore", "accessible")

EFFECT_COLUMNS = ("permission", "leaning", "acceptance", "channel", "quarter", "draws", "p05", "p50", "p95", "mean")

COLUMNS = ("gpu_class", "year", "permission", "leaning", "acceptance", "quantity", "p05", "p50", "p95")


def two_gates(inputs: xr.Dataset, gpu_class: str, year: int, regime: str | None = None) -> pd.DataFrame:
    """Licensed chips of a class kept onshore, and all onshore additions, in a year, gate by gate. [H100e/year]

    All else is as the regime (the first one) has it. Three runs of two worlds on the draws of `inputs`; columns: COLUMNS, one row
    for each permission, leaning and quantity; `acceptance` is the median share that Beijing lets in of that class.
    """
    if gpu_class not in OFFERED:
        raise BadInput("a class that no vendor offers to China", found=gpu_class, expected=", ".join(OFFERED))
    ahead = pd.DatetimeIndex(inputs["quarter"].values[inputs.attrs["observed_quarters"] :])
    whole = [int(each) for each in ahead.year.unique() if (ahead.year == each).sum() == 4]
    if year not in whole:
        raise BadInput("a year that the run does not forecast whole", found=year, expected=f"{whole[0]} to {whole[-1]}")
    base = regime or str(inputs["regime"].values[0])
    rows = []
    for leaning, rank in LEANINGS.items():
        result = run(_held(inputs, base, gpu_class, rank))
        chosen = {"quarter": ahead[ahead.year == year]}
        added = additions_h100e(result).sel(chosen).sum("quarter")
        licensed = added.sel(channel="licensed", gpu_class=gpu_class)
        onshore = grouped(added.sum("gpu_class")).sel(channel="onshore")
        accepted = result["acceptance"].sel(chosen).sel(gpu_class=gpu_class).mean("quarter").median("draw")
        for answer in ANSWERS:
            for name, array in (("licensed", licensed), ("onshore", onshore)):
                values = quantiles(array.sel(regime=answer).transpose("draw").values)
                share = float(accepted.sel(regime=answer))
                rows.append((gpu_class, year, answer, leaning, share, name, *(float(values[k]) for k in (0, 2, 4))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def gate_effects(inputs: xr.Dataset, quarter: str, regime: str | None = None) -> pd.DataFrame:
    """Change of onshore and accessible compute at the end of a quarter, gate by gate, world by world. [H100e]

    The change is against permission as the regime (the first one) has it with Beijing's acceptance at its median (REFERENCE).
    One run for each leaning on the draws of `inputs`; columns: EFFECT_COLUMNS, one row for each permission, leaning and channel;
    `acceptance` is the believed share at that quarter, for a chip like the H200. Raises BadInput for a quarter outside the run.
    """
    bound = bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1]
    if bound not in inputs.indexes["bound"]:
        raise BadInput("a quarter outside the run", found=quarter)
    base = regime or str(inputs["regime"].values[0])
    stocks, believed = {}, {}
    for leaning, rank in LEANINGS.items():
        held = _answered(inputs, base, LADDER, rank)
        believed[leaning] = float(held["acceptance"].sel(quarter=parse_quarter(quarter)).median())
        stocks[leaning] = grouped(stock_at(held, bound)["compute_nominal"]).sel(channel=list(REACH)).astype(float)
    reference = stocks[REFERENCE[1]].sel(regime=REFERENCE[0], drop=True)
    rows = []
    for leaning, stock in stocks.items():
        for answer in LADDER:
            change = (stock.sel(regime=answer, drop=True) - reference).transpose("channel", "draw").values
            for channel, numbers, mean in zip(REACH, quantiles(change).T, change.mean(axis=-1), strict=True):
                found = (*(float(numbers[k]) for k in (0, 2, 4)), float(mean))
                rows.append((answer, leaning, believed[leaning], channel, quarter, inputs.sizes["draw"], *found))
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))


def _held(inputs: xr.Dataset, base: str, gpu_class: str, rank: float) -> xr.Dataset:
    """Inputs of two worlds that differ in the permission for a class after the origin, with acceptance held at a rank."""
    return _answered(inputs, base, {name: {gpu_class: answer} for name, answer in ANSWERS.items()}, rank)


def _answered(inputs: xr.Dataset, base: str, answers: Mapping[str, Mapping[str, float]], rank: float) -> xr.Dataset:
    """Inputs of worlds that differ in what is permitted after the origin, with acceptance held at a rank."""
    held = inputs.sel(regime=[base] * len(answers)).assign_coords(regime=list(answers))
    permitted, path = held["permitted"].copy(deep=True), held["acceptance"].copy(deep=True)
    ahead = held["quarter"] > held["quarter"][inputs.attrs["observed_quarters"] - 1]
    for name, shares in answers.items():
        for gpu_class, share in shares.items():
            permitted.loc[{"regime": name, "gpu_class": gpu_class, "quarter": ahead}] = share
    at_rank = np.quantile(path.values, rank, axis=path.get_axis_num("draw"), keepdims=True)
    path.values = np.broadcast_to(at_rank, path.shape).copy()
    return held.assign(permitted=permitted, acceptance=path)


def gates_table(gates: pd.DataFrame, label: str) -> Table:
    """The two gates as a table on a page: a row for each leaning of Beijing, a column for each answer of Washington."""
    held = gates.set_index(["quantity", "leaning", "permission"])
    year = int(gates["year"].iloc[0])
    body: list[list[Cell]] = []
    for leaning in LEANINGS:
        share = held.loc[("licensed", leaning, "permitted"), "acceptance"]
        cells = [_cell(held.loc[(name, leaning, answer)]) for name in ("licensed", "onshore") for answer in ANSWERS]
        body.append([_(LEANING_WORDS[leaning]), in_percent(number(100 * share, 0)), *cells])
    return Table(
        name=f"table-gates-{gates['gpu_class'].iloc[0]}",
        title=_("Two gates for {label}: what comes in during {year}, million H100e", label=label, year=year),
        note=_(
            "Median and 90% interval. Beijing's acceptance is held at its 5th, 50th and 95th percentile; the second column is "
            "what this makes of the class when it is permitted. Washington's answer holds from the origin on for this class "
            "alone; all else is as under the base regime. All channels: licensed, diverted and domestic together."
        ),
        header=[
            _("Beijing lets in"), _("Share"), _("Licensed, if refused"), _("Licensed, if permitted"),
            _("All channels, if refused"), _("All channels, if permitted"),
        ],
        rows=body,
        data=gates,
    )  # fmt: skip


def _cell(row: pd.Series) -> Cell:
    """Median and interval in millions; a plain zero where nothing can come."""
    if row["p95"] == 0:
        return "0"
    return _fine(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6, _fine)


def _fine(x: float) -> str:
    """Two digits with up to three decimals: flows of one class are small."""
    return two_digits(x, decimals=3)


def gate_effects_table(effects: pd.DataFrame, scope: Scope, channels: Sequence[str] = REACH) -> Table:
    """The two gates as a table on a page: Washington's answers side by side, Beijing's beneath one another, for each stock."""
    held = effects.set_index(["channel", "leaning", "permission"]).sort_index()
    largest = {channel: float(held.loc[channel, "p50"].abs().max()) or 1.0 for channel in REACH}
    body: list[list[Cell]] = []
    shades: list[list[float]] = []
    for channel in channels:
        if len(channels) > 1:
            body.append([capital(_("{where} compute", where=where(channel)))])
            shades.append([])
        for leaning in LEANINGS:
            share = percent(held.loc[(channel, leaning, REFERENCE[0]), "acceptance"])
            line = [held.loc[(channel, leaning, answer)] for answer in LADDER]
            cells: list[Cell] = [
                _("reference") if (answer, leaning) == REFERENCE else _change(row)
                for answer, row in zip(LADDER, line, strict=True)
            ]
            body.append([f"{_(HOW_MUCH[leaning])} ({share})", *cells])
            shades.append([0.0, *(float(row["p50"]) / largest[channel] for row in line)])
    quarter, draws = str(effects["quarter"].iloc[0]), int(effects["draws"].iloc[0])
    title = scope.titles[scope.base]
    return Table(
        name="table-two-gates",
        title=_("Washington’s permission and Beijing’s acceptance: change at {when}, million H100e", when=year_end(quarter)),
        note=_(
            "Median paired change and 90% interval on the first {draws} draws, against {title} with "
            "acceptance at its median. Washington’s answer holds from the origin on; all else is as under "
            "{title}. Beijing’s acceptance is held at the 5th, 50th and 95th percentile of our belief in "
            "each quarter; in brackets the share at that date for a chip like the H200. The model moves it "
            "with a class’s lead over Chinese parts and with how far Chinese supply covers demand.",
            draws=number(draws, 0),
            title=title,
        ),
        header=[_("Beijing lets in"), _("No licences"), title, _("and cut-down Blackwell"), _("and full Blackwell")],
        rows=body,
        data=effects,
        shades=shades,
    )


def _change(row: pd.Series) -> Cell:
    """Median change and interval in millions."""
    return signed(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6, signed)
