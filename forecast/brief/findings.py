"""What there is, in sentences: channels, yardsticks, limits, drivers, others' figures, and what is judged."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.breadth import FORKS as FORK_WORDS
from forecast.brief.law import placeholder_share
from forecast.brief.messages import Message, Words, share_of_means, what_binds
from forecast.brief.numbers import Number, Numbers, Parts, See, clauses, joined, portion, sentence
from forecast.brief.side import EFFECT, LEVEL
from forecast.language import N_, _
from forecast.names import FORKS, GOODS
from forecast.phrases import listed
from forecast.tables import COUNTRIES, RENTED, Scope, about_words, first_clause, percent, two_digits, year_end

MOST_PLACES = 3
"""Countries that a paragraph tells of."""


def channels_text(numbers: Numbers, scope: Scope, words: Words) -> Message:
    """Shares of the onshore stock, and where rented compute stands."""
    shares = {name: share_of_means(numbers, scope, name, "onshore") for name in ("domestic", "diverted", "licensed")}
    lead = sentence(
        "Of the onshore stock at {when} under {base}, {domestic} is of Chinese make, {diverted} came by diversion and "
        "{licensed} under licence or before one was needed.",
        base=scope.titles[scope.base], **words, **shares,
    )  # fmt: skip
    fixed = {"regime": scope.base, "quarter": scope.headline}
    rented = {
        country: numbers.rows.value(RENTED, "p50", country=country, **fixed)
        for country in numbers.rows.labels("country", variable=RENTED, **fixed)
    }
    largest = sorted((name for name in rented if rented[name] > 0), key=lambda country: -rented[country])[:MOST_PLACES]
    if not largest:
        return Message(lead, [])
    told = [
        sentence(
            "{country} ({rented} million H100e)",
            country=_(COUNTRIES.get(country, country)), rented=numbers.read(RENTED, "p50", country=country, **fixed),
        )
        for country in largest
    ]  # fmt: skip
    template = N_(
        "Compute rented abroad stands mostly in {places}. Rented compute is open to Chinese firms and owned by others: a rule "
        "that closes it retires no chip."
    )
    return Message(lead, [sentence(template, places=clauses(told))])


def yardsticks_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """The same stock by other yardsticks, and whether the order of regimes depends on them."""
    fixed = {"regime": scope.base, "channel": "onshore", "quarter": scope.headline}
    found: dict[str, Number] = {}
    for name in ("nominal", "training", "serving", "bandwidth"):
        found |= numbers.pair(name, f"compute_{name}", **fixed)
    lead = sentence(
        "Counted by what is installed and what its software delivers, the {nominal} million H100e onshore at {when} under "
        "{base} are worth {training} million in training ({training_range}) and {serving} million in serving ({serving_range}).",
        base=scope.titles[scope.base], **words, **found,
    )  # fmt: skip
    body = [
        sentence(
            "Counted by memory bandwidth, which limits much of serving, they are {bandwidth} million ({bandwidth_range}): "
            "much of the stock carries more bandwidth for its arithmetic than the unit does. A rule that bites on one "
            "good need not bite on the other.",
            **found,
        )
        if found["bandwidth"].values[0] > found["nominal"].values[0]
        else sentence("Counted by memory bandwidth, which limits much of serving, they are {bandwidth} million "
                      "({bandwidth_range}).", **found)
    ]  # fmt: skip
    body.append(_prices(numbers, scope, context, words))
    return Message(lead, body)


def binding_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """What a limit is, the gap in memory, money and power."""
    fixed = {"regime": scope.base, "quarter": scope.headline}
    said = [
        sentence(
            "A limit holds when loosening it alone would let more be made or bought. Which one holds differs from world "
            "to world, so we give shares of draws and name no single bottleneck."
        )
    ]
    if held(numbers, ("budget", "unmet_demand"), **fixed):
        said.append(
            sentence(
                "In the last quarter before {when} buyers in China have {budget} bn USD for accelerators ({budget_range}); "
                "for {unmet} bn of it ({unmet_range}) no permitted supply is left.",
                **words,
                **numbers.pair("budget", "budget", "plain", **fixed),
                **numbers.pair("unmet", "unmet_demand", "plain", **fixed),
            )
        )
    if held(numbers, ("power",), channel="onshore", **fixed):
        power = numbers.pair("power", "power", "plain", channel="onshore", **fixed)
        said.append(sentence("The stock onshore then draws {power} GW ({power_range}).", **power))
    said.append(_shadow(numbers, context, words))
    return Message(what_binds(numbers, scope, words).lead, [joined(said), *_memory_gap(numbers, scope, words)])


def _prices(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Parts:
    """What a usable H100e of each good costs in the last quarter before the headline date."""
    data = context["side"]["goods"]
    at = data[(data["quarter"] == scope.headline) & (data["variable"] == "price_paid")].set_index("good")
    pieces: dict[str, Number] = {}
    for good in GOODS:
        row = {str(name): value / 1e3 for name, value in at.loc[good, ["p05", "p50", "p95"]].items()}
        found = numbers.frame(f"table-goods/price_paid/{good}/{scope.headline}", row, "plain")
        pieces |= {good: found["value"], f"{good}_range": found["range"]}
    return sentence(
        "In the last quarter before {when} a usable H100e costs {training} thousand dollars for training ({training_range}) and "
        "{serving} thousand for serving ({serving_range}): see {table}.",
        table=See("table-goods"),
        **words,
        **pieces,
    )


def _shadow(numbers: Numbers, context: Mapping[str, Any], words: Words) -> Parts:
    """What one percent more of the constraint that counts most would add, and of logic wafers beside it."""
    data = context["side"]["shadow"]
    planned = data[data["form"] == FORKS["bottlenecks"][0]].set_index("constraint")
    most = str(planned["p50"].idxmax())
    least = str(planned["p50"].idxmin())
    pieces: dict[str, Number | str | See] = {"most": _(most), "least": _(least), "table": See("table-shadow")}
    for name, constraint in (("much", most), ("little", least)):
        row = {str(key): value for key, value in planned.loc[constraint, ["p05", "p50", "p95"]].items()}
        found = numbers.frame(f"table-shadow/{constraint}", row, "thousands")
        pieces |= {name: found["value"], f"{name}_range": found["range"]}
    return sentence(
        "One percent more of {most} from now on would add {much} thousand H100e onshore by {when} ({much_range}), one percent "
        "more of {least} {little} thousand ({little_range}): {table}.",
        **words,
        **pieces,
    )


def forks_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Message:
    """How much of the spread the disputed forms make, and where most."""
    frame = context["side"]["forks"]
    stock = frame[frame["what"] == "stock"].drop_duplicates("fork").set_index("fork")
    most = str(stock["variance_share"].idxmax())
    part = float(stock.loc[most, "variance_share"])
    share = numbers.add(f"table-forks/{most}/variance_share", _in_words(percent(part)), part)
    lead = sentence(
        "The dispute on form that matters most makes {share} of the variance of accessible compute under {base}.",
        share=share,
        base=scope.titles[scope.base],
    )
    row = stock.loc[most]
    body = sentence(
        "Where experts dispute the form of a mechanism and not just a number, both forms are among the draws by weight. The one "
        "that matters most is “{label}”: its second form moves the stock by {between} million H100e, against {within} million of "
        "spread within a form ({table}).",
        label=_(FORK_WORDS[most][0]),
        table=See("table-forks"),
        between=numbers.point(f"table-forks/{most}/between", float(row["between"])),
        within=numbers.point(f"table-forks/{most}/within", float(row["within"]), "millions"),
    )
    return Message(lead, [body])


def _in_words(share: str) -> str:
    """A written share, what rounds to nothing in words."""
    return _("less than {share}", share=share[1:]) if share.startswith("<") else share


def held(numbers: Numbers, variables: Sequence[str], **labels: str) -> bool:
    """Whether the run holds all of some variables under some labels."""
    return not any(numbers.rows.where(variable=variable, **labels).empty for variable in variables)


def _memory_gap(numbers: Numbers, scope: Scope, words: Words) -> list[Parts]:
    """Memory that observed output took beyond what sources count: how much, what may explain it, what the run does with it."""
    last = {"regime": scope.base, "quarter": scope.as_of}
    if not held(numbers, ("stacks_imputed", "stacks_supplied"), **last):
        return []
    return [
        sentence(
            "The memory gap: chip output in the nowcast of {as_of} takes {gap} million stacks ({gap_range}) more than the "
            "{counted} million that sources count. Stocks that nobody reported, stacks that leaked in, smaller stacks per "
            "package or output stated too high would each explain it. The run does not choose: it carries the gap forward "
            "and lets it fade ({figure}), so that counted memory has to grow before output can.",
            figure=See("figure-memory"),
            **words,
            **numbers.pair("gap", "stacks_imputed", **last),
            counted=numbers.read("stacks_supplied", "p50", **last),
        )
    ]


DRIVEN = (
    (
        LEVEL,
        "millions",
        N_(
            "Accessible compute at {when} depends most on “{about}”: {low} million H100e in the tenth of worlds where it is "
            "lowest, {high} million where it is highest."
        ),
    ),
    (
        EFFECT,
        "change",
        N_(
            "The change that {other} makes depends most on “{about}”: {low} million where it is lowest, {high} million where it "
            "is highest."
        ),
    ),
)
"""What is said of each outcome's first driver, and how its numbers are written."""


def drivers_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any], words: Words) -> Message:
    """The input that moves the answer most, and the one that moves the largest change most."""
    drivers, most = context["side"]["drivers"], context["side"]["most"]
    said: list[Parts] = []
    for outcome, style, template in DRIVEN:
        if outcome not in drivers:
            continue
        told = drivers[outcome][~drivers[outcome]["within_noise"]]
        row = {str(name): value for name, value in told.iloc[0].items()}
        ends = {
            end: numbers.point(f"table-drivers/{outcome}/{row['input']}/{end}", float(row[end]), style) for end in ("low", "high")
        }
        other = scope.titles.get(most or "", "")
        said.append(sentence(template, about=first_clause(about_words(row["about"])), other=other, **ends, **words))
    note = sentence(
        "Levels and changes have different drivers: what moves the level in all regimes alike cancels in a change. That "
        "is why a change can be known better than either level."
    )
    return Message(said[0], [*said[1:], note] if len(said) > 1 else [])


def beside_text(numbers: Numbers, context: Mapping[str, Any], words: Words) -> Message:
    """The latest onshore stock that others publish too, and how the hand arithmetic fares."""
    several = [row for row in context["comparison"] if row["channel"] == "onshore" and len(row["others"]) > 1]
    caveat = sentence("Published figures lean on one another and several share inputs with ours: agreement is not confirmation.")
    lead = caveat
    body: list[Parts] = []
    if several:
        row = max(several, key=lambda row: row["quarter"])
        values = sorted(other["value"] for other in row["others"])
        key = f"table-comparison/{row['quarter']}/{row['channel']}/{row['definition']}"
        ours = numbers.frame(key, {"p50": row["ours_p50"], "p05": row["ours_p05"], "p95": row["ours_p95"]}, "millions")
        published = [numbers.add(f"{key}/published/{end}", two_digits(value / 1e6), value)
                     for end, value in (("lowest", values[0]), ("highest", values[-1]))]  # fmt: skip
        lead = sentence(
            "For {quarter} we count {value} million H100e onshore ({range}); published figures run from {low} to {high} million.",
            quarter=numbers.add(f"{key}/quarter", year_end(row["quarter"])), low=published[0], high=published[1], **ours,
        )  # fmt: skip
        body.append(joined([sentence("Definitions differ, so each is set beside ours on the same day."), caveat]))
    inside = [row["expected_p05"] <= row["ours_p50"] <= row["expected_p95"] for row in context["crosscheck"]]
    if inside:
        body.append(
            sentence(
                "Before the run one analyst worked out {all} of its headlines by hand; {inside} of our medians lie within those "
                "intervals. The run is not tuned to them.",
                all=numbers.add("crosscheck/all", str(len(inside)), len(inside)),
                inside=numbers.add("crosscheck/inside", str(sum(inside)), sum(inside)),
            )
        )
    return Message(lead, body)


def judged_text(numbers: Numbers, scope: Scope, context: Mapping[str, Any]) -> Message:
    """How much of the answer rests on judgement: inputs by basis and confidence, settings that are placeholders."""
    passports = [passport for name, passport in context["passports"].items() if "." not in name]
    count = len(passports)
    judged, low = (
        sum(passport.get(key) in wanted for passport in passports)
        for key, wanted in (("basis", {"judgement"}), ("confidence", {"low", "very low"}))
    )
    lead = sentence(
        "Of {count} inputs {judged} are judgement and {low} carry low confidence.",
        count=numbers.add("inputs/all", str(count), count), judged=numbers.add("inputs/judged", str(judged), judged),
        low=numbers.add("inputs/low-confidence", str(low), low),
    )  # fmt: skip
    shares = {name: placeholder_share(context["moves"], name) for name in scope.others}
    known = sorted((share, name) for name, share in shares.items() if share is not None)
    body = [sentence("Judgement means: no source gives the number, so we state low, central and high values with a reason "
                     "that can be read and changed in the parameter files.")]  # fmt: skip
    if known:
        share, name = known[-1]
        template = (
            N_("Settings of alternatives without a source are placeholders (M): {share} of those of {title}, the most of any.")
            if len(known) > 1 and known[-2][0] < share
            else N_("Settings of alternatives without a source are placeholders (M): {share} of those of {title}.")
        )
        body.append(
            sentence(
                template,
                share=portion(numbers, f"placeholders/settings/{name}", share), title=scope.titles[name],
            )
        )  # fmt: skip
    if context["scenario"].get("overrides"):
        body.append(sentence("This scenario changes inputs: {names}.",
                             names=listed([row["input"] for row in context["scenario"]["overrides"]])))  # fmt: skip
    return Message(lead, [joined(body)])
