"""Tables of stocks and of what regimes change: at year-ends, by channel, by country, by yardstick, by structural form."""

from collections.abc import Mapping, Sequence

import pandas as pd

from forecast.language import N_, _, counted, number
from forecast.names import CHANNELS
from forecast.tables.rows import Cell, Rows, Scope, Table, central
from forecast.tables.words import DECISION_SHARE, capital, percent, signed, spread, two_digits, where, year_end

OWNED, RENTED, BOTH, HOST_CAP = "offshore_owned", "offshore_rented", "offshore_both", "host_cap"
"""Compute abroad by host country: what Chinese firms own and rent there, both, and what the host has room for. [H100e]"""

YARDSTICKS = {
    "compute_nominal": N_("Nominal"), "compute_training": N_("In training"), "compute_serving": N_("In serving"),
    "compute_bandwidth": N_("By bandwidth"),
}  # fmt: skip
"""Ways to count one stock and the heads of their columns."""


def headline_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "accessible")) -> Table:
    """Stock at year-ends by regime, median and 90% interval."""
    body: list[list[Cell]] = []
    for channel in channels:
        body.append([capital(where(channel))])
        for regime, title in scope.titles.items():
            body.append([title, *(central(rows, "compute_nominal", regime, channel, quarter) for quarter in scope.year_ends)])
    return Table(
        name="table-headline",
        title=_("Compute at year-ends by regime, million H100e"),
        note=_("Median over draws and 90% interval."),
        header=[_("Regime"), *(year_end(quarter) for quarter in scope.year_ends)],
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
        title=_("Compute by channel at {when}, million H100e", when=year_end(scope.headline)),
        note=_("Median over draws, 90% interval beneath. Medians of parts do not add up to the median of their sum."),
        header=[_("Regime"), *(capital(where(channel)) for channel in order)],
        rows=body,
        data=rows.where(variable="compute_nominal", channel=order, quarter=scope.headline, regime=list(scope.titles)),
    )


def countries_table(rows: Rows, scope: Scope) -> Table | None:
    """Compute abroad by host at the headline date: owned, rented and room under the base, both under the others.

    The rows are those of forecast.brief.abroad; None without them.
    """
    others = [regime for regime in scope.widest(rows) if regime != scope.base]
    columns = [(scope.base, name) for name in (OWNED, RENTED, HOST_CAP)] + [(regime, BOTH) for regime in (scope.base, *others)]
    base = rows.where(variable=BOTH, quarter=scope.headline, regime=scope.base, statistic="p50")
    found = dict(zip(base["country"], base["value"], strict=True))
    if "" not in found:
        return None
    hosts = sorted((name for name in found if name and found[name] > 0), key=lambda name: (name == "other", -found[name]))
    body: list[list[Cell]] = [
        [_host(name), *(_abroad_cell(rows, variable, regime, name, scope) for regime, variable in columns)]
        for name in (*hosts, "")
    ]
    left = len(scope.titles) - 1 - len(others)
    return Table(
        name="table-countries",
        title=_("Compute abroad by host at {when}, million H100e", when=year_end(scope.headline)),
        note=_(
            "Median over draws, 90% interval beneath. The first three columns are of {title}. Room: what "
            "halls open to Chinese tenants can power; what a host cannot hold goes where room is left. The "
            "split is judged.",
            title=scope.titles[scope.base],
        )
        + (f" {left_out(left)}" if left else ""),
        header=[
            _("Host"),
            _("Owned"),
            _("Rented"),
            _("Room"),
            *(_("Both, {title}", title=scope.titles[regime]) for regime in (scope.base, *others)),
        ],
        rows=body,
        data=rows.where(variable=[OWNED, RENTED, HOST_CAP, BOTH], quarter=scope.headline, regime=[scope.base, *others]),
    )


HOSTS = {
    "CN": N_("China"), "SG": N_("Singapore"), "MY": N_("Malaysia"), "ID": N_("Indonesia"), "JP": N_("Japan"),
    "AE": N_("United Arab Emirates"), "other": N_("other countries"),
}  # fmt: skip
"""The model's countries as heads of lines."""


def _host(name: str) -> str:
    """A host country as the head of a line; the sum has no name."""
    return capital(_(HOSTS.get(name, name)) if name else _("all hosts"))


def left_out(count: int) -> str:
    """How many regimes a table leaves out."""
    return counted(
        "Left out: {n} regime that changes accessible compute less.",
        "Left out: {n} regimes that change accessible compute less.",
        count,
    )


def _abroad_cell(rows: Rows, variable: str, regime: str, country: str, scope: Scope) -> Cell:
    """Median and interval of compute abroad in one host, in millions."""
    low, middle, high = (
        rows.value(variable, statistic, regime=regime, country=country, quarter=scope.headline)
        for statistic in ("p05", "p50", "p95")
    )
    return two_digits(middle / 1e6), spread(low, high, 1e6)


def yardsticks_table(rows: Rows, scope: Scope) -> Table:
    """The stock by each way of counting, and what the other regimes change by each, at the headline date."""
    body: list[list[Cell]] = []
    for channel in ("onshore", "accessible"):
        body.append([capital(_("{where} stock", where=where(channel)))])
        for regime, title in scope.titles.items():
            body.append([title, *(central(rows, name, regime, channel, scope.headline) for name in YARDSTICKS)])
    if scope.others:
        body.append([_("Change in accessible compute against {title}", title=scope.titles[scope.base])])
    for regime in scope.others:
        known = [rows.has(variable=f"effect:{name}", regime=regime) for name in YARDSTICKS]
        changes = [
            central(rows, f"effect:{name}", regime, "accessible", scope.headline, signed) if there else "–"
            for name, there in zip(YARDSTICKS, known, strict=True)
        ]
        body.append([scope.titles[regime], *changes])
    names = [*YARDSTICKS, *(f"effect:{name}" for name in YARDSTICKS)]
    return Table(
        name="table-yardsticks",
        title=_("One stock by four yardsticks at {when}, million H100e", when=year_end(scope.headline)),
        note=_(
            "Median over draws and 90% interval. Nominal: dense 8-bit rate of what was acquired. In training "
            "and in serving: what is installed, times what its software delivers. By bandwidth: memory "
            "bandwidth over that of one H100."
        ),
        header=[_("Regime"), *map(_, YARDSTICKS.values())],
        rows=body,
        data=rows.where(variable=names, channel=["onshore", "accessible"], quarter=scope.headline, regime=list(scope.titles)),
    )


def forks_table(frame: pd.DataFrame, scope: Scope, words: Mapping[str, tuple[str, Mapping[str, str]]], draws: int) -> Table:
    """Spread between the two forms of each structural fork beside the spread within.

    frame as from forecast.forms.between_forms at the headline date; words: fork -> what readers call it and its forms.
    """
    body: list[list[Cell]] = []
    for fork, group in frame.groupby("fork", sort=False):
        label, forms = words[str(fork)]
        weights = dict(zip(group["form"], group["weight"], strict=True))
        said = [f"{_(forms[str(form)])} ({percent(weight)})" for form, weight in weights.items()]
        either = [said[0], *(_("or {form}", form=each) for each in said[1:])]
        body.append([(_(label), "; ".join(either) + ".")])
        for (what, regime), pair in group.groupby(["what", "regime"], sort=False):
            write = two_digits if what == "stock" else signed
            cells = [(write(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6, write)) for row in pair.to_dict("records")]
            first = pair.iloc[0]
            title = scope.titles[str(regime)]
            ends = (signed(first["between"] / 1e6), two_digits(first["within"] / 1e6), percent(first["variance_share"]))
            body.append(
                [_("Stock, {title}", title=title) if what == "stock" else _("Change, {title}", title=title), *cells, *ends]
            )
    channel = where(str(frame["channel"].iloc[0]))
    return Table(
        name="table-forks",
        title=_(
            "Spread between structural forms beside the spread within: {channel} at {when}, million H100e",
            channel=channel,
            when=year_end(scope.headline),
        ),
        note=_(
            "The first {draws} draws, all run under either form; weights in brackets. Between: median over "
            "worlds of the second form less the first. Within: half the width of the 90% interval. Share: "
            "part of the variance made by the form.",
            draws=number(draws, 0),
        ),
        header=[_("What"), _("First form"), _("Second form"), _("Between"), _("Within"), _("Share")],
        rows=body,
        data=frame,
    )


def effect_table(rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "offshore", "accessible")) -> Table:
    """What each other regime changes at the headline date, with the probabilities of a change that matters."""
    body: list[list[Cell]] = []
    variable = "effect:compute_nominal"
    for regime in scope.others:
        body.append([_("{title} instead of {base}", title=scope.titles[regime], base=scope.titles[scope.base])])
        for channel in channels:
            gain, loss, error = (
                rows.value(variable, name, regime=regime, channel=channel, quarter=scope.headline)
                for name in ("p_gain_10pct", "p_loss_10pct", "mc_error")
            )
            change = central(rows, variable, regime, channel, scope.headline, signed)
            known = two_digits(error / 1e6, decimals=3) if error > 0 else "–"
            body.append([capital(where(channel)), change, percent(gain), percent(loss), known])
    tenth = percent(DECISION_SHARE)
    return Table(
        name="table-effects",
        title=_("Change at {when} on the same draws, million H100e", when=year_end(scope.headline)),
        note=_(
            "Median of the paired difference and 90% interval. The two probabilities are of a gain or a loss "
            "of more than {tenth} of the stock under {title}. Sampling error: standard error of the median, a dash where nothing "
            "moves or draws are too few to say.",
            tenth=tenth,
            title=scope.titles[scope.base],
        ),
        header=[
            _("Where"),
            _("Change"),
            _("Chance of gain over {tenth}", tenth=tenth),
            _("Chance of loss over {tenth}", tenth=tenth),
            _("Sampling error"),
        ],
        rows=body,
        data=rows.where(variable=variable, channel=channels, quarter=scope.headline, regime=scope.others),
    )
