"""What rules do, in sentences: the two gates, the largest change, bundles split, and the settings that a regime changes."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.brief.law import placeholder_share
from forecast.brief.messages import Message, Words, likelier
from forecast.brief.numbers import Number, Numbers, Parts, See, joined, portion, sentence
from forecast.gates import REFERENCE
from forecast.language import N_, counted, number
from forecast.tables import Scope, part_label, split_at

SMALLEST = 5e3
"""Effects below this are written as zero. [H100e]"""

MOST_TOLD = 3
"""Regimes or instruments that a paragraph tells of; the tables hold all."""


def _cell(gates: pd.DataFrame, channel: str, permission: str, leaning: str) -> dict[str, Any]:
    """One cell of the two gates."""
    held = gates[(gates.channel == channel) & (gates.permission == permission) & (gates.leaning == leaning)]
    return {str(name): value for name, value in held.iloc[0].items()}


def gates_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """What each gate does while the other is held."""
    gates = context["side"]["gates"]
    base, most = REFERENCE[0], str(gates["permission"].unique()[-1])
    asked = {
        "shut": ("accessible", most, "low"), "wide": ("accessible", most, "high"),
        "none": ("accessible", "nothing", REFERENCE[1]), "none_home": ("onshore", "nothing", REFERENCE[1]),
    }  # fmt: skip
    pieces: dict[str, Number] = {}
    for name, key in asked.items():
        found = numbers.frame(f"table-two-gates/{'/'.join(key)}", _cell(gates, *key))
        pieces |= {name: found["value"], f"{name}_range": found["range"]}
    for name, leaning in (("little", "low"), ("much", "high")):
        change = _cell(gates, "accessible", base, leaning)["p50"]
        pieces[name] = numbers.point(f"table-two-gates/accessible/{base}/{leaning}/p50", change)
    title = scope.titles[scope.base]
    lead = sentence(
        "With full Blackwell permitted, accessible compute at {when} changes by {shut} million H100e ({shut_range}) where "
        "Beijing lets in little and by {wide} million ({wide_range}) where it lets in much.",
        **words, **pieces,
    )  # fmt: skip
    body = [
        sentence(
            "Chips under licence pass two gates: Washington permits, then Beijing accepts. {table} sets both and holds "
            "all else as under {base}.",
            table=See("table-gates"), base=title,
        ),
        sentence(
            "Without any licence accessible compute changes by {none} million ({none_range}), onshore by {none_home} million "
            "({none_home_range}), whatever Beijing says; what buyers then find elsewhere is counted in. Under {base} as "
            "it stands, Beijing’s answer alone moves accessible compute between {little} and {much} million.",
            base=title, **words, **pieces,
        ),
    ]  # fmt: skip
    return Message(lead, body)


def effects_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """The largest change and its chance, what a change is, and when it matters."""
    most = context["side"]["most"]
    word, chance = likelier(numbers, scope, most, "accessible")
    found = numbers.pair("value", "effect:compute_nominal", "change", regime=most, channel="accessible", quarter=scope.headline)
    lead = sentence(
        "{title} changes accessible compute at {when} by {value} million H100e ({value_range}), with a {chance} chance of "
        "a {word} over {size}.",
        title=scope.titles[most], chance=chance, word=word, **words, **found,
    )  # fmt: skip
    said = sentence(
        "A change is measured draw by draw, in the same worlds with and without it. It matters to a decision when it "
        "exceeds {size} of the stock, so we give the chance of that and never the chance that it is merely above zero. "
        "{figure} shows changes over time, {table} those at {when}.",
        figure=See("figure-effects"), table=See("table-effects"), **words,
    )  # fmt: skip
    return Message(lead, [said])


def split_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """Which instruments carry each bundle, how much of that is our placeholder, and where the order matters."""
    at, titles = split_at(context["side"]["split"], scope, "accessible"), context["instruments"]
    sizes = at[at["place"] == 0].set_index("regime")["whole mean"].abs()
    told = [name for name in sorted(sizes.index, key=lambda name: -sizes[name]) if sizes[name] > SMALLEST][:MOST_TOLD]
    if not told:
        return Message(sentence("No bundle changes accessible compute by as much as this page can show."), [])
    leads, body = [], []
    for regime in told:
        held = at[at["regime"] == regime]
        parts = held[held["place"] > 0].sort_values("mean mean", key=abs, ascending=False)
        named = _instrument(numbers, regime, parts.iloc[0], titles)
        whole = held[held["place"] == 0].iloc[0]
        found = numbers.frame(
            f"table-waterfall/{regime}/whole", {name: whole[f"whole {name}"] for name in ("mean", "p05", "p95")}, spot="mean",
        )  # fmt: skip
        title = scope.titles.get(regime, regime)
        leads.append((title, named[0]))
        said = [
            sentence("{title} changes accessible compute by {value} million H100e on average ({range})", title=title, **found),
            *[sentence(", {value} of it by {name}", value=value, name=name) for name, value in [named]],
        ]
        if len(parts) > 1:
            name, value = _instrument(numbers, regime, parts.iloc[1], titles)
            said.append(sentence(" and {value} by {name}", value=value, name=name))
        share = portion(numbers, f"placeholders/{regime}", float(whole["placeholder_share"]))
        said.append(sentence(". Of its settings {share} are our placeholders", share=share))
        if share.values == (1.0,):
            said.append(sentence("."))
        else:
            carried = portion(numbers, f"placeholders/carried/{regime}", carried_by_placeholders(parts))
            said.append(sentence("; instruments made of placeholders alone carry {carried} of the effect.", carried=carried))
        body.append([piece for pieces in said for piece in pieces])
    lead = sentence("The effect of {first} rests mostly on {name}", first=leads[0][0], name=leads[0][1])
    for title, name in leads[1:]:
        lead += sentence(", that of {title} on {name}", title=title, name=name)
    body.append(_order(numbers, at, scope, titles))
    return Message([*lead, {"text": "."}], body)


def carried_by_placeholders(parts: pd.DataFrame) -> float:
    """Share of the sum of parts, each by its size, that instruments made of placeholders alone carry. [1]"""
    sizes = parts["mean mean"].abs()
    return float(sizes[parts["placeholder_share"] == 1].sum() / sizes.sum()) if sizes.sum() > 0 else 0.0


def _instrument(numbers: Numbers, regime: str, part: pd.Series, titles: Mapping[str, str]) -> tuple[str, Number]:
    """An instrument's name and the mean of its two orders."""
    value = numbers.point(f"table-waterfall/{regime}/{part['instrument']}/mean", float(part["mean mean"]))
    return part_label(part["instrument"], titles), value


def _order(numbers: Numbers, at: pd.DataFrame, scope: Scope, titles: Mapping[str, str]) -> Parts:
    """The largest effect of the order alone."""
    parts = at[at["place"] > 0]
    row = parts.loc[(parts["stated mean"] - parts["reverse mean"]).abs().idxmax()]
    pointers = {"figure": See("figure-waterfall"), "table": See("table-waterfall")}
    if abs(row["stated mean"] - row["reverse mean"]) < SMALLEST:
        return sentence("The order in which instruments are added hardly matters ({figure}, {table}).", **pointers)
    key = f"table-waterfall/{row['regime']}/{row['instrument']}"
    ends = {name: numbers.point(f"{key}/{name}", float(row[f"{name} mean"])) for name in ("stated", "reverse")}
    return sentence(
        "Order matters most for {name} in {title}: {stated} million in its place, {reverse} million if those listed after "
        "it come first. {figure} and {table} give both.",
        name=part_label(row["instrument"], titles), title=scope.titles.get(row["regime"], row["regime"]),
        **pointers, **ends,
    )  # fmt: skip


def settings_of(numbers: Numbers, id_: str, count: int) -> Number:
    """A count of settings with its noun."""
    return numbers.add(id_, counted("{n} setting", "{n} settings", count), count)


def law_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Message:
    """How many settings each regime changes, from when on, and how many are placeholders."""
    moves = context["moves"]
    body: list[Parts] = []
    for regime in scope.others[:MOST_TOLD]:
        held = [move for move in moves if move["regime"] == regime]
        share = placeholder_share(moves, regime)
        if not held or share is None:
            continue
        settings, parts = sum(move["settings"] for move in held), len({move["instrument"] for move in held})
        body.append(
            sentence(
                "{title}: {settings} through {parts}, the first from {first} on; {share} of them placeholders.",
                title=scope.titles[regime],
                settings=settings_of(numbers, f"settings/{regime}", settings),
                parts=numbers.add(f"instruments/{regime}", counted("{n} instrument", "{n} instruments", parts), parts),
                first=numbers.add(f"first-setting/{regime}", min(move["since"] for move in held)),
                share=portion(numbers, f"placeholders/settings/{regime}", share),
            )
        )
    base = scope.titles[scope.base]
    if not body:
        return Message(sentence("A regime is dated law; {base} is that of today.", base=base), [])
    held = [move for move in moves if move["regime"] != scope.base]
    count, judged = (sum(move[key] for move in held) for key in ("settings", "placeholders"))
    told = portion(numbers, "placeholders/all", judged / count)
    template = (
        N_("The alternatives change {count} of {base} and leave all others; {share} of these are our placeholders.")
        if told.values == (1.0,)
        else N_(
            "The alternatives change {count} of {base} and leave all others; {share} of these are our placeholders, the rest is "
            "stated by a source or text of a bill."
        )
    )
    lead = sentence(template, base=base, count=settings_of(numbers, "settings/all", count), share=told)
    return Message(lead, [joined([*body, *_answers(numbers, scope, context)])])


def _answers(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> list[Parts]:
    """What vendors would bring in answer to a change of law, once for each part and regime."""
    said, told = [], set()
    for one in context["answers"]:
        if (key := (one["regime"], one["name"])) in told or one["regime"] not in scope.titles:
            continue
        told.add(key)
        values = {
            name: numbers.add(f"answer/{one['regime']}/{one['name']}/{name}", number(one[name], 0), one[name])
            for name in ("tpp", "dram_bandwidth")
        }
        said.append(
            sentence(
                "To {title} NVIDIA can answer with a part of {tpp} TPP and {dram_bandwidth} GB/s that the law still "
                "lets go; the model lets it come after a lag, if Beijing takes it.",
                title=scope.titles[one["regime"]], **values,
            )
        )  # fmt: skip
    return said
