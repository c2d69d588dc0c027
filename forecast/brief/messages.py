"""What page one says: every sentence is chosen and filled from the run's numbers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from forecast.brief.numbers import Number, Numbers, Parts, See, clauses, joined, row_key, sentence
from forecast.contract import BadInput
from forecast.figures.limits import ALL_CLASSES, purchase_shares, yearly_shares
from forecast.language import N_, _, number, quarter_name
from forecast.names import FABRICATION_BOUNDS
from forecast.phrases import listed
from forecast.tables import DECISION_SHARE, Scope, percent, year_end

STOPPED_BECAUSE = {
    "not on the market": N_("it is not on the market"),
    "rule": N_("the law allows no more"),
    "vendor supply": N_("vendors have no more"),
    "Beijing's acceptance": N_("Beijing lets no more in"),
    "smuggling capacity": N_("smugglers can carry no more"),
    "domestic output": N_("domestic output is used up"),
    "budget": N_("the budget is spent"),
    "observed": N_("observation says so"),
}
"""What each bound of purchases means, as the end of a sentence."""

MOST_TOLD = 3
"""Alternatives that page one tells of."""

Words = Mapping[str, Number]


class Message(NamedTuple):
    """One finding: a sentence that can stand alone, and the sentences that support it."""

    lead: Parts
    body: list[Parts]


def general(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Words:
    """Numbers that are no results: dates, the interval, the decision size, draws and seed."""
    draws, seed = int(context["scenario"]["draws"]), int(context["scenario"]["seed"])
    return {
        "when": numbers.add("headline", year_end(scope.headline)),
        "horizon": numbers.add("horizon", year_end(f"{scope.horizon_year}Q4")),
        "as_of": numbers.add("as-of", quarter_name(scope.as_of)),
        "first": numbers.add("first-quarter", quarter_name(min(numbers.rows.labels("quarter", variable="additions_h100e")))),
        "interval": numbers.add("interval", percent(0.9), 0.9),
        "size": numbers.add("decision-size", percent(DECISION_SHARE), DECISION_SHARE),
        "draws": numbers.add("draws", number(draws, 0), draws),
        "seed": numbers.add("seed", str(seed), seed),
    }


def cards(numbers: Numbers, scope: Scope) -> list[dict[str, str]]:
    """The six numbers at the top of page one, under the base regime at the headline date."""
    fixed = {"regime": scope.base, "quarter": scope.headline}
    unit = N_("million H100e")
    wanted = (
        (N_("Accessible"), unit, "compute_nominal", "millions", {**fixed, "channel": "accessible"}),
        (N_("Onshore"), unit, "compute_nominal", "millions", {**fixed, "channel": "onshore"}),
        (N_("Abroad"), unit, "compute_nominal", "millions", {**fixed, "channel": "offshore"}),
        (N_("In training"), unit, "compute_training", "millions", {**fixed, "channel": "accessible"}),
        (N_("In serving"), unit, "compute_serving", "millions", {**fixed, "channel": "accessible"}),
        (N_("American stock"), N_("times onshore"), "ratio_us_china", "plain", fixed),
    )
    made = []
    for label, of, variable, style, labels in wanted:
        pair = numbers.pair("value", variable, style, **labels)
        made.append({"label": _(label), "unit": _(of), "value": pair["value"].id, "range": pair["value_range"].id})
    return made


def share_of_means(numbers: Numbers, scope: Scope, part: str, whole: str) -> Number:
    """One channel's share of a sum at the headline date under the base regime: the ratio of means, which add up."""
    top, bottom = (
        numbers.rows.value("compute_nominal", "mean", regime=scope.base, channel=channel, quarter=scope.headline)
        for channel in (part, whole)
    )
    return numbers.add(
        f"share/{part}/{whole}/{scope.base}/{scope.headline}",
        percent(top / bottom),
        top / bottom,
        rows=[
            row_key("compute_nominal", "mean", regime=scope.base, channel=channel, quarter=scope.headline)
            for channel in (part, whole)
        ],
        style="share",
        way="ratio",
    )


def _stock(numbers: Numbers, scope: Scope, name: str, channel: str, variable: str = "compute_nominal") -> Words:
    """Median and interval of the base's stock at the headline date."""
    return numbers.pair(name, variable, regime=scope.base, channel=channel, quarter=scope.headline)


def how_much(numbers: Numbers, scope: Scope, words: Words) -> Message:
    """Accessible compute, onshore and abroad, and the American stock beside it."""
    lead = sentence(
        "At {when} the median forecast gives China access to {reach} million H100e under {base}, {share} of it onshore.",
        base=scope.titles[scope.base],
        share=share_of_means(numbers, scope, "onshore", "accessible"),
        **words,
        **_stock(numbers, scope, "reach", "accessible"),
    )
    body = sentence(
        "The {interval} interval is {reach_range}. American companies own {ratio} times what stands onshore ({ratio_range}).",
        **words,
        **_stock(numbers, scope, "reach", "accessible"),
        **numbers.pair("ratio", "ratio_us_china", "plain", regime=scope.base, quarter=scope.headline),
    )
    return Message(lead, [body])


def likelier(numbers: Numbers, scope: Scope, regime: str, channel: str) -> tuple[str, Number]:
    """The likelier of a material gain and a material loss at the headline date: its word and its probability."""
    ends = {
        word: numbers.read("effect:compute_nominal", statistic, "share", regime=regime, channel=channel, quarter=scope.headline)
        for word, statistic in ((N_("gain"), "p_gain_10pct"), (N_("loss"), "p_loss_10pct"))
    }
    word = max(ends, key=lambda name: ends[name].values[0])
    return _(word), ends[word]


def what_changes(numbers: Numbers, scope: Scope, words: Words) -> Message:
    """The effect of each other regime at the headline date, and which are likely to matter."""
    reached = {regime: likelier(numbers, scope, regime, "accessible")[1].values[0] for regime in scope.others}
    likely = [scope.titles[regime] for regime, chance in reached.items() if chance > 0.5]
    template = N_("{likely} would more likely than not change accessible compute by over {size} at {when}.")
    if not likely:
        template = N_("No alternative is more likely than not to change accessible compute by over {size} at {when}.")
    body = [sentence("What each changes, how surely, and how soon: see {table}.", table=See("table-glance"))]
    return Message(sentence(template, likely=listed(likely), **words), body)


def how_long_alike(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """Until when each regime differs from the base by less than our uncertainty; None means to the end of the run."""
    missing = [regime for regime in scope.others if regime not in context["indistinct_until"]]
    if missing:
        raise BadInput("The context does not say until when regimes look alike", key="indistinct_until", expected=listed(missing))
    base = scope.titles[scope.base]
    dates = {regime: context["indistinct_until"][regime] for regime in scope.others}
    known = sorted(quarter for quarter in dates.values() if quarter)
    if known:
        first = numbers.add("alike/first", quarter_name(known[0]))
        lead = sentence("Until {first} no alternative can be told from {base} by the level of compute.", first=first, base=base)
    else:
        lead = sentence("At no time can an alternative be told from {base} by the level of compute.", base=base)
    alike = {date: [scope.titles[regime] for regime in dates if dates[regime] == date] for date in dates.values()}
    told = [
        sentence(
            "until {date} for {titles}",
            date=numbers.add(f"alike/{date}", quarter_name(date)),
            titles=_all_or(titles, len(dates)),
        )
        if date
        else sentence("throughout for {titles}", titles=_all_or(titles, len(dates)))
        for date, titles in alike.items()
    ]
    template = N_(
        "The difference is smaller than our uncertainty {spells}. Changes on the same draws can be known where levels are not."
    )
    return Message(lead, [sentence(template, spells=clauses(told))])


def _all_or(titles: list[str], count: int) -> str:
    """Names as a list; where there are many and none is left out, "all of them"."""
    return _("all of them") if len(titles) == count > MOST_TOLD else listed(titles)


def what_binds(numbers: Numbers, scope: Scope, words: Words) -> Message:
    """The input that limits Chinese output most often, and what stops purchases."""
    near_year = int(scope.as_of[:4]) + 1
    bounds = [bound for bound in FABRICATION_BOUNDS if bound != "observed"]
    years = [near_year, scope.headline_year]
    table = yearly_shares(numbers.rows, "binding_fabrication", bounds, years, regime=scope.base).T.to_dict()
    ranked = {year: sorted(bounds, key=lambda bound: -table[year][bound]) for year in years}

    def share(year: int, bound: str) -> Number:
        value = float(table[year][bound])
        quarters = [f"{year}Q{part}" for part in range(1, 5)]
        rows = [row_key("binding_fabrication", f"share:{bound}", regime=scope.base, quarter=quarter) for quarter in quarters]
        id_ = f"binding/{bound}/{scope.base}/{year}"
        return numbers.add(id_, percent(value), value, rows=rows, style="share", way="mean of a year")

    top, second = ranked[scope.headline_year][:2]
    when = numbers.add("headline-year", str(scope.headline_year))
    lead = sentence(
        "Chinese chip output is most often limited by {top}: in {share} of draws in {when} under {base}.",
        top=_(top), share=share(scope.headline_year, top), when=when, base=scope.titles[scope.base],
    )  # fmt: skip
    said = [sentence("Next is {second}, with {share}.", second=_(second), share=share(scope.headline_year, second))]
    if near_year < scope.headline_year:
        near, first = numbers.add("near-year", str(near_year)), ranked[near_year][0]
        template = N_("In {near} it is {first} as well ({share}).") if first == top else N_("In {near} it is {first} ({share}).")
        said.append(sentence(template, near=near, first=_(first), share=share(near_year, first)))
    said += _purchases(numbers, scope, when)
    return Message(lead, [joined(said)])


def _purchases(numbers: Numbers, scope: Scope, when: Number) -> list[Parts]:
    """What stops purchases most often, over the classes on the market; nothing when the run does not say."""
    table = purchase_shares(numbers.rows, scope, scope.base)
    if table is None:
        return []
    shares = {str(bound): float(value) for bound, value in table.loc[ALL_CLASSES].to_dict().items()}
    top = max(shares, key=lambda bound: shares[bound])
    found = {
        bound: numbers.add(
            f"purchases/{bound}/{scope.base}/{scope.headline_year}",
            percent(shares[bound]),
            shares[bound],
            rows=[row_key("binding_procurement", f"share:{bound}", regime=scope.base)],
            way="side",
        )
        for bound in {top, "budget"}
    }
    template = (
        N_("Over all classes on sale in {when}, purchases end most often because {top} ({share}).")
        if top == "budget"
        else N_(
            "Over all classes on sale in {when}, purchases end most often because {top} ({share}); a spent budget ends {budget} "
            "of them."
        )
    )
    because = _(STOPPED_BECAUSE[top]) if top in STOPPED_BECAUSE else _("of {bound}", bound=_(top))
    return [sentence(template, when=when, top=because, share=found[top], budget=found["budget"])]
