"""Page one at a glance: each regime in one row, what to watch, a human anchor, and what changed since the last brief."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.bite import SIZE
from forecast.brief.messages import Message, Words, general, how_long_alike, how_much, likelier, what_binds, what_changes
from forecast.brief.numbers import STYLES, Numbers, Parts, joined, sentence
from forecast.gates import gate_effects_table
from forecast.language import N_, _, counted, long_date, quarter_name
from forecast.switching import NAME
from forecast.tables import DECISION_SHARE, Cell, Scope, Table, capital, percent, signed, spread, two_digits, year_end

NONE = "–"
MOST_WATCHED = 5


def first_tables(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> dict[str, Table]:
    """The tables of page one by the name under which the template asks for them."""
    made = {
        "glance": glance_table(numbers, scope, context) if scope.others else None,
        "gates-first": gates_at_a_glance(scope, context),
        "watch": watch_table(scope, context),
    }
    return {name: table for name, table in made.items() if table is not None}


def first_messages(numbers: Numbers, scope: Scope, context: Mapping[str, Any], texts: Mapping[str, Message]) -> list[Message]:
    """The findings of page one: how much, what it is worth, what regimes change, the gates, likeness, odds, limits."""
    words = general(numbers, scope, context)
    much = how_much(numbers, scope, words)
    worth = [anchor_text(numbers, scope, context, words)]
    found = [Message(much.lead, [joined([*much.body, *worth])])]
    if scope.others:
        found += [what_changes(numbers, scope, words), Message(texts["gates"].lead, [])]
        found += [how_long_alike(numbers, scope, context, words)]
    else:
        found += [Message(texts["gates"].lead, [])]
    if "odds" in texts:
        found.append(Message(texts["odds"].lead, [dates_text(numbers, context)] if context["turning_points"] else []))
    return [*found, what_binds(numbers, scope, words)]


def gates_at_a_glance(scope: Scope, context: Mapping[str, Any]) -> Table:
    """The two gates for accessible compute alone, with a note that fits page one."""
    whole = gate_effects_table(context["side"]["gates"], scope, ("accessible",))
    return whole._replace(
        name="table-gates-first",
        title=_(
            "Washington permits, Beijing accepts: change of accessible compute at {when}, million H100e",
            when=year_end(scope.headline),
        ),
        note=_(
            "Median and 90% interval. In brackets the share of what is licensed that Beijing lets in, for a chip like the H200."
        ),
    )


def _row(frame: pd.DataFrame, regime: str, what: str) -> dict[str, float]:
    """One row of a frame of page one."""
    held = frame[(frame["regime"] == regime) & (frame["what"] == what)].iloc[0]
    return {name: float(held[name]) for name in ("p05", "p50", "p95")}


def glance_table(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Table:
    """Each regime in one row: odds, accessible compute, training, chance of a material change, timing, American money, lag.

    The base shows levels, the others paired changes. Every cell is also a number with an id.
    """
    front, odds = context["side"]["front"], context["side"]["odds"]
    weights = {} if odds is None else odds.drop_duplicates("regime").set_index("regime")["weight"].to_dict()
    body: list[list[Cell]] = []
    told = []
    for regime in scope.titles:
        kind = "" if regime == scope.base else "effect:"
        write = two_digits if regime == scope.base else signed
        cells: list[Cell] = []
        for variable in ("compute_nominal", "compute_training"):
            labels = {"regime": regime, "channel": "accessible", "quarter": scope.headline}
            row = {name: numbers.rows.value(f"{kind}{variable}", name, **labels) / 1e6 for name in ("p05", "p50", "p95")}
            cells.append(_frame(row, write))
            told.append((regime, variable, "million H100e", *row.values()))
        chance: Cell = NONE
        timing: Cell = NONE
        if regime != scope.base:
            word, share = likelier(numbers, scope, regime, "accessible")
            chance = share.text, _(word)
            timing = _timing(front["timing"], regime)
        money = _row(front["money"], regime, "receipts")
        lag = _row(front["runs"], regime, "lag_months/accessible")
        weight = weights.get(regime)
        odd = NONE if weight is None or weight != weight else percent(float(weight))
        body.append([scope.titles[regime], odd, *cells, chance, timing, _frame(money, write), _frame(lag, write)])
        told += [(regime, "receipts", "bn USD", *money.values()), (regime, "lag", "month", *lag.values())]
    if odds is not None:
        held = odds.set_index(["regime", "channel", "quantity"]).loc[(NAME, "accessible", "effect")]
        row = {name: float(held[name]) / 1e6 for name in ("p05", "p50", "p95")}
        body.append([_("Law turns by chance"), _("any law"), _frame(row, signed), *[NONE] * 5])
        told.append((NAME, "compute_nominal", "million H100e", *row.values()))
    when, base = year_end(scope.headline), scope.titles[scope.base]
    return Table(
        name="table-glance",
        title=_("Each regime at a glance: {base} as it is, the others as changes to it at {when}", base=base, when=when),
        note=_(
            "Accessible and for training: million H100e, median and 90% interval. Chance: of a change of accessible compute by "
            "over {size} of the stock. Bites: until the median change for training reaches {bite}; half-life: from a repeal "
            "after two years until half of the largest gap is closed. Receipts: what American vendors and the Treasury take "
            "for chips from now to {when}, bn USD. Lag: of the largest training run behind America’s, months. Odds: judged.",
            when=when, size=percent(DECISION_SHARE), bite=percent(SIZE),
        ),
        header=[
            _("Regime"), _("Odds"), _("Accessible"), _("For training"), _("Chance"), _("Bites; half-life"), _("Receipts"),
            _("Lag"),
        ],
        rows=body,
        data=pd.DataFrame(told, columns=["regime", "what", "unit", "p05", "p50", "p95"]),
    )  # fmt: skip


def _frame(row: Mapping[str, float], write: Any) -> Cell:
    """Central value and interval."""
    return write(row["p50"]), spread(row["p05"], row["p95"], 1.0, write)


def _timing(timing: pd.DataFrame, regime: str) -> Cell:
    """Quarters to bite, and the half-life after a repeal."""
    row = timing.set_index("instrument").loc[regime]
    bites = row["bites_after"]
    after = _("at once") if not pd.isna(bites) and int(bites) <= 0 else _never_or(bites, _("never"))
    if row["outlives"] == "nothing to take back" or (pd.isna(row["half_life"]) and row["left"] == 0.0):
        return after, NONE
    return after, _never_or(row["half_life"], _("to the end"))


def _never_or(quarters: Any, never: str) -> str:
    """A number of quarters, or what stands for one that is missing."""
    return never if pd.isna(quarters) else counted("{n} quarter", "{n} quarters", int(quarters))


def watch_table(scope: Scope, context: Mapping[str, Any]) -> Table | None:
    """What to watch in the year after the origin, the most telling first; None where nothing says anything."""
    watch = context["side"]["front"]["watch"]
    if watch is None:
        return None
    shown = watch.head(MOST_WATCHED)
    when, last = year_end(scope.headline), quarter_name(str(shown["last"].iloc[0]))
    body: list[list[Cell]] = []
    for row in shown.to_dict("records"):
        name = _("{thing}, {unit}", thing=_(row["label"]), unit=_(row["unit"]))
        body.append([
            capital(name), (two_digits(row["p50"]), spread(row["p05"], row["p95"])),
            two_digits(row["low"]), two_digits(row["below"] / 1e6), two_digits(row["high"]), two_digits(row["above"] / 1e6),
            _(row["seen_in"]),
        ])  # fmt: skip
    return Table(
        name="table-watch",
        title=_("Tripwires: what to watch in the year to {last}, and accessible compute at {when}", last=last, when=when),
        note=_(
            "Thresholds part the lowest and the highest third of worlds under {base}; beside each stands the median of "
            "accessible compute in the worlds beyond it, million H100e. Things that move together tell the same story twice.",
            base=scope.titles[scope.base],
        ),
        header=[_("Watch"), _("We expect"), _("If under"), _("then"), _("If over"), _("then"), _("Where it is seen")],
        rows=body,
        data=watch,
    )


def watch_list(numbers: Numbers, context: Mapping[str, Any]) -> list[Parts]:
    """The tripwires as short sentences, with the thresholds and what lies beyond them."""
    watch = context["side"]["front"]["watch"]
    said = []
    if watch is not None:
        numbers.add("watched", quarter_name(str(watch["last"].iloc[0])))
    for row in [] if watch is None else watch.head(MOST_WATCHED).to_dict("records"):
        found = {
            name: numbers.add(f"table-watch/{row['watch']}/{name}", two_digits(row[name] / scale), row[name] / scale)
            for name, scale in (("low", 1.0), ("high", 1.0), ("below", 1e6), ("above", 1e6))
        }
        label = _(row["label"])
        said.append(
            sentence(
                "{label}: under {low} {unit}, {below} million; over {high}, {above} million.",
                label=capital(label), unit=_(row["unit"]), **found,
            )
        )  # fmt: skip
    return said


def anchor_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Parts:
    """What the stock could do once: the largest run it allows beside the largest disclosed, and how far behind."""
    front = context["side"]["front"]
    record = front["record"].iloc[0]
    run = _row(front["runs"], scope.base, "largest_run/onshore")
    lag = _row(front["runs"], scope.base, "lag_months/accessible")
    times = {name: value / float(record["flop"]) for name, value in run.items()}
    found = numbers.frame(f"table-runs/{scope.base}/largest_run/onshore", times, "plain")
    behind = numbers.frame(f"table-runs/{scope.base}/lag_months/accessible", lag, "plain")
    name = numbers.add(f"record/{record['run']}", f"{record['run']} ({_(str(record['developer']))})")
    return sentence(
        "The largest training run that this allows at home is {times} times ({times_range}) the largest disclosed so far, "
        "{name}; the largest American laboratory could have made China’s largest {lag} months earlier ({lag_range}).",
        times=found["value"], times_range=found["range"], name=name, lag=behind["value"], lag_range=behind["range"], **words,
    )  # fmt: skip


def since_last(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Message | None:
    """What moved since the last published brief of this question; None where there is none."""
    last: pd.DataFrame = context["last"]
    if not len(last):
        return None
    words = general(numbers, scope, context)
    held = last.set_index(["regime", "channel", "quarter", "kind"])["p50"]
    said: list[Parts] = []
    moved = []
    for regime, title in scope.titles.items():
        kind, variable = ("stock", "compute_nominal") if regime == scope.base else ("change", "effect:compute_nominal")
        before = held.get((regime, "accessible", scope.headline, kind))
        if before is None:
            continue
        now = numbers.read(
            variable, "p50", "millions" if regime == scope.base else "change", regime=regime, channel="accessible",
            quarter=scope.headline,
        )  # fmt: skip
        scale, write = STYLES["millions" if regime == scope.base else "change"]
        then = numbers.add(f"last/{regime}/accessible/{scope.headline}", write(float(before) / scale), float(before))
        moved.append(then.text != now.text)
        template = N_("{title} from {then} to {now} million") if then.text != now.text else N_("{title} still {now} million")
        said.append(sentence(template, title=title, then=then, now=now))
    if not said:
        return None
    first = last.iloc[0]
    when = numbers.add("last/published", long_date(dt.date.fromisoformat(first["published"])))
    provenance = context["provenance"]
    causes = {
        (True, True): N_("The model and its parameters have changed in between."),
        (True, False): N_("The model has changed in between, its parameters have not."),
        (False, True): N_("Parameters have changed in between, the model has not."),
        (False, False): N_("Neither the model nor its parameters have changed."),
    }
    cause = causes[first["code"] != provenance["code_version"], first["params"] != provenance["params_hash"]]
    lead = sentence(
        N_("Since the brief of {when} the headline has moved.")
        if any(moved)
        else N_("Since the brief of {when} no headline has moved."),
        when=when,
    )
    listed = [part for place, parts in enumerate(said) for part in ([{"text": ", "}] if place else []) + parts]
    told = sentence(N_("Accessible at {when}: {changes}."), changes=listed, **words)
    return Message(lead, [joined([told, sentence(cause)])])


def dates_text(numbers: Numbers, context: Mapping[str, Any]) -> Parts:
    """Known dates at which the law is likelier to turn."""
    points = context["turning_points"]
    if not points:
        return []
    said: list[Parts] = []
    for when, chance, why in points:
        value = numbers.add(f"turning/{when}", percent(chance), chance)
        quarter = numbers.add(f"turning/{when}/quarter", quarter_name(when))
        said.append(sentence(N_("{quarter} ({value}: {why})"), quarter=quarter, value=value, why=_(why)))
    dates = [part for place, parts in enumerate(said) for part in ([{"text": "; "}] if place else []) + parts]
    return sentence("Law is likeliest to turn in {dates}.", dates=dates)
