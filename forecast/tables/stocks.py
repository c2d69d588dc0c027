"""Tables of stocks and of what regimes change: at year-ends, by channel, by country, by yardstick, by structural form."""

from collections.abc import Sequence

import pandas as pd

from forecast.names import CHANNELS
from forecast.tables.rows import Cell, Rows, Scope, Table, central
from forecast.tables.words import COUNTRIES, DECISION_SHARE, WHERE, percent, signed, spread, two_digits, year_end

OWNED, RENTED, HOST_CAP = "offshore_owned", "offshore_rented", "host_cap"
"""Variables of compute abroad by country: what Chinese firms own and rent there, and what the host has room for. [H100e]"""

YARDSTICKS = {
    "compute_nominal": "Nominal", "compute_training": "In training", "compute_serving": "In serving",
    "compute_bandwidth": "By bandwidth",
}  # fmt: skip
"""Ways to count one stock and the heads of their columns."""

FORK_COLUMNS = ("fork", "form", "weight", "p05", "p50", "p95")
"""What `forks_table` reads: a row for each form of a structural fork, its weight, and its stock. [H100e]"""


def headline_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "accessible")) -> Table:
    """Stock at year-ends by regime, median and 90% interval."""
    body: list[list[Cell]] = []
    for channel in channels:
        body.append([f"{WHERE[channel].capitalize()}"])
        for regime, title in scope.titles.items():
            body.append([title, *(central(rows, "compute_nominal", regime, channel, quarter) for quarter in scope.year_ends)])
    return Table(
        name="table-headline",
        title="Compute at year-ends by regime, million H100e",
        note="Median over draws and 90% interval.",
        header=["Regime", *(year_end(quarter) for quarter in scope.year_ends)],
        rows=body,
        data=rows.where(variable="compute_nominal", channel=channels, quarter=scope.year_ends, regime=list(scope.titles)),
    )


def channels_table(rows: Rows, scope: Scope) -> Table:
    """Stock by channel at the headline date, a row per regime; the two sums and what is abroad close the line."""
    order = [name for name in CHANNELS if name != "offshore"] + ["onshore", "offshore", "accessible"]
    body: list[list[Cell]] = [
        [title, *(central(rows, "compute_nominal", regime, channel, scope.headline) for channel in order)]
        for regime, title in scope.titles.items()
    ]
    return Table(
        name="table-channels",
        title=f"Compute by channel at {year_end(scope.headline)}, million H100e",
        note="Median over draws, 90% interval beneath. Medians of parts do not add up to the median of their sum.",
        header=["Regime", *(WHERE[channel].capitalize() for channel in order)],
        rows=body,
        data=rows.where(variable="compute_nominal", channel=order, quarter=scope.headline, regime=list(scope.titles)),
    )


def countries_table(rows: Rows, scope: Scope) -> Table | None:
    """Onshore, abroad by ownership and country, and accessible side by side at the headline date; None without such rows.

    Compute owned abroad and the room at hosts stand by country where the run says so (OWNED, HOST_CAP), else as a sum or not.
    """
    shown = scope.widest(rows)
    held = rows.where(variable=[OWNED, RENTED, HOST_CAP], quarter=scope.headline, regime=shown)
    if held.empty:
        return None
    body: list[list[Cell]] = [_stock_line(rows, scope, "Onshore", shown, "compute_nominal", "onshore")]
    for variable, what in ((OWNED, "Owned abroad"), (RENTED, "Rented abroad"), (HOST_CAP, "Room at hosts")):
        body += _country_lines(rows, scope, variable, what, shown)
    body += [
        _stock_line(rows, scope, "Abroad, owned and rented", shown, "compute_nominal", "offshore"),
        _stock_line(rows, scope, "Accessible", shown, "compute_nominal", "accessible"),
    ]
    left = len(scope.titles) - len(shown)
    return Table(
        name="table-countries",
        title=f"Compute by place at {year_end(scope.headline)}, million H100e",
        note="Median over draws and 90% interval. The split of rented compute among countries is judged."
        + (f" Left out: {left} regimes that change accessible compute less." if left else ""),
        header=["Where", *(scope.titles[regime] for regime in shown)],
        rows=body,
        data=held,
    )


def _stock_line(rows: Rows, scope: Scope, label: str, shown: Sequence[str], variable: str, channel: str) -> list[Cell]:
    """One stock under each regime."""
    return [label, *(central(rows, variable, regime, channel, scope.headline) for regime in shown)]


def _country_lines(rows: Rows, scope: Scope, variable: str, what: str, shown: Sequence[str]) -> list[list[Cell]]:
    """The sum of a variable over countries, where the run holds it, and each country that has any, the largest first."""
    base = {"variable": variable, "quarter": scope.headline, "regime": scope.base}
    held = rows.where(**base, statistic="p50")
    found = dict(zip(held["country"], held["value"], strict=True))
    places = sorted((name for name in found if name and found[name] > 0), key=lambda name: (name == "other", -found[name]))
    lines: list[list[Cell]] = []
    if "" in found:
        lines.append([f"{what}, all countries" if places else what, *_cells(rows, scope, variable, "", shown)])
    for name in places:
        country = COUNTRIES.get(name, name).removeprefix("the ")
        lines.append([f"{what}: {country}", *_cells(rows, scope, variable, name, shown)])
    return lines


def _cells(rows: Rows, scope: Scope, variable: str, country: str, shown: Sequence[str]) -> list[Cell]:
    """Median and interval of a variable by country under each regime, in millions."""
    cells: list[Cell] = []
    for regime in shown:
        low, middle, high = (
            rows.value(variable, statistic, regime=regime, country=country, quarter=scope.headline)
            for statistic in ("p05", "p50", "p95")
        )
        cells.append((two_digits(middle / 1e6), spread(low, high, 1e6)))
    return cells


def yardsticks_table(rows: Rows, scope: Scope) -> Table:
    """The stock by each way of counting, and what the other regimes change by each, at the headline date."""
    body: list[list[Cell]] = []
    for channel in ("onshore", "accessible"):
        body.append([f"{WHERE[channel].capitalize()} stock"])
        for regime, title in scope.titles.items():
            body.append([title, *(central(rows, name, regime, channel, scope.headline) for name in YARDSTICKS)])
    if scope.others:
        body.append([f"Change in accessible compute against {scope.titles[scope.base]}"])
    for regime in scope.others:
        known = [not rows.where(variable=f"effect:{name}", regime=regime).empty for name in YARDSTICKS]
        changes = [
            central(rows, f"effect:{name}", regime, "accessible", scope.headline, signed) if there else "–"
            for name, there in zip(YARDSTICKS, known, strict=True)
        ]
        body.append([scope.titles[regime], *changes])
    names = [*YARDSTICKS, *(f"effect:{name}" for name in YARDSTICKS)]
    return Table(
        name="table-yardsticks",
        title=f"One stock by four yardsticks at {year_end(scope.headline)}, million H100e",
        note="Median over draws and 90% interval. Nominal: dense 8-bit rate of what was acquired. In training and in "
        "serving: what "
        "is installed, times what its software delivers. By bandwidth: memory bandwidth over that of one H100.",
        header=["Regime", *YARDSTICKS.values()],
        rows=body,
        data=rows.where(variable=names, channel=["onshore", "accessible"], quarter=scope.headline, regime=list(scope.titles)),
    )


def forks_table(frame: pd.DataFrame, channel: str, quarter: str) -> Table:
    """Spread between structural forms beside the spread within each, from a frame with FORK_COLUMNS."""
    body: list[list[Cell]] = []
    for fork, group in frame.groupby("fork", sort=False):
        low, high = group["p50"].min(), group["p50"].max()
        body.append([(str(fork), f"medians {spread(low, high, 1e6)}")])
        for row in group.to_dict("records"):
            within = (two_digits(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6))
            body.append([str(row["form"]), percent(row["weight"]), within, two_digits((row["p50"] - low) / 1e6)])
    return Table(
        name="table-forks",
        title=f"Spread between structural forms beside the spread within, {WHERE[channel]} at {year_end(quarter)}, million H100e",
        note="A fork is a dispute on the form of a mechanism. Within: median and 90% interval of the draws that take the form. "
        "Between: the form’s median above the lowest median of its fork.",
        header=["Form", "Weight", "Within", "Between"],
        rows=body,
        data=frame,
    )


def effect_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "offshore", "accessible")) -> Table:
    """What each other regime changes at the headline date, with the probabilities of a change that matters."""
    body: list[list[Cell]] = []
    variable = "effect:compute_nominal"
    for regime in scope.others:
        body.append([f"{scope.titles[regime]} instead of {scope.titles[scope.base]}"])
        for channel in channels:
            gain, loss, error = (
                rows.value(variable, name, regime=regime, channel=channel, quarter=scope.headline)
                for name in ("p_gain_10pct", "p_loss_10pct", "mc_error")
            )
            change = central(rows, variable, regime, channel, scope.headline, signed)
            body.append([WHERE[channel].capitalize(), change, percent(gain), percent(loss), two_digits(error / 1e6, decimals=3)])
    tenth = percent(DECISION_SHARE)
    return Table(
        name="table-effects",
        title=f"Change at {year_end(scope.headline)} on the same draws, million H100e",
        note=f"Median of the paired difference and 90% interval. The two probabilities are of a gain or a loss of more than "
        f"{tenth} of the stock under {scope.titles[scope.base]}. Sampling error: standard error of the median.",
        header=["Where", "Change", f"Chance of gain over {tenth}", f"Chance of loss over {tenth}", "Sampling error"],
        rows=body,
        data=rows.where(variable=variable, channel=channels, quarter=scope.headline, regime=scope.others),
    )
