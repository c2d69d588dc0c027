"""Law in a reader's words: statuses, tests, moves, days. Texts only; nothing here decides anything."""

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd

from forecast.cells import ANOTHER
from forecast.language import N_, _, number, quarter_name
from forecast.names import label_quarter
from forecast.regime import LEVERS, Move, Rule, reach_in_words
from forecast.regions import SUM, Axis, Box, Cells

POLICY = {
    "free": N_("no licence needed"),
    "exception_nac": N_("exception NAC: notice to the government, then free to go"),
    "exception_aca": N_("exception ACA: free to go to allies and some others"),
    "exception_hbm": N_("exception for memory: free to go to approved packagers"),
    "licence_presumption_of_approval": N_("licence needed, approval presumed"),
    "licence_case_by_case": N_("licence needed, decided case by case"),
    "licence_presumption_of_denial": N_("licence needed, denial presumed"),
    "prohibited": N_("prohibited"),
}
"""Statuses in plain words."""

BRIEFLY = {
    "free": N_("free"),
    "exception_nac": N_("exception NAC"),
    "exception_aca": N_("exception ACA"),
    "exception_hbm": N_("the exception for memory"),
    "licence_presumption_of_approval": N_("presumption of approval"),
    "licence_case_by_case": N_("review case by case"),
    "licence_presumption_of_denial": N_("presumption of denial"),
    "prohibited": N_("prohibited"),
}
"""Statuses inside a sentence, after 'from' or 'to'."""

TAGS = {"S": N_("stated by a source"), "B": N_("text of a rule or bill"), "M": N_("our placeholder")}
"""How well a move is founded."""

WORDED = {
    "tpp": "TPP", ">=": "≥", "<=": "≤", " == yes": N_(": yes"), " == no": N_(": no"), "_": " ",
    "prc designed": N_("designed in China"), "dram bandwidth": N_("memory bandwidth"), "dram": N_("memory"),
    "io bandwidth": N_("link bandwidth"), "memory bandwidth density": N_("memory bandwidth density"),
    "performance density": N_("performance density"), "die area": N_("die area"), "datacenter": N_("for data centres"),
    "from us": N_("leaves from the US"), "first us sale": N_("first American sale"), "released": N_("released"),
}  # fmt: skip
"""Words of tests as a reader may know them, in the order in which they are put for those of the files."""

SCALARS = {
    "duty": N_("American import duty on licensed chips that pass through the United States, share of value"),
    "revenue_share": N_("share of H20 and MI308 revenue that vendors hand to the American government"),
    "quota_ratio": N_("cap on compute shipped to China and Macau over that shipped to American users, per product (1 is no cap)"),
    "cn_accept": N_("what Beijing lets in of licensed supply, relative to current law"),
    "counter_answer": N_("how surely a part that a vendor brings in answer to a change of law is closed again"),
    "hq_rule": N_("how far the licence rule on parties headquartered in China is enforced outside China"),
    "cloud_rule": N_("how far remote access by Chinese tenants is closed"),
    "diversion": N_("diverted flow, relative to enforcement under current law"),
    "tool_sales": N_("new chip-making tools for advanced Chinese lines, relative to current law"),
    "tool_servicing": N_("servicing of installed tools, relative to current law"),
    "network_parts": N_("foreign optics, switches and network chips for Chinese makers of network gear, relative to current law"),
    "hbm_access": N_("foreign memory stacks that leak to Chinese packagers, relative to current law"),
}
"""Scalar levers in front of a colon; a lever without words is called by its name."""

RANGES = {
    ("performance_density",): (N_("a performance density"), "TPP/mm2"),
    ("dram_bandwidth",): (N_("memory bandwidth"), "GB/s"),
    ("io_bandwidth",): (N_("links"), "GB/s"),
    SUM: (N_("memory bandwidth and links together"), "GB/s"),
    ("memory_bandwidth_density",): (N_("a bandwidth density"), "GB/s/mm2"),
}
"""Facts with a range as they stand after 'with', and their units."""


def read_test(test: str) -> str:
    """A test in words."""
    for word, other in WORDED.items():
        test = test.replace(word, _(other))
    return test


def amount(value: object, missing: str = "", signed: bool = False) -> str:
    """A number without needless digits, with its sign where asked, yes or no, a day."""
    if value is None:
        return missing or _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float | int):
        plain = f"{value:.4g}" if abs(value) < 1e3 else f"{value:.0f}"
        plus = "+" if signed and value >= 0 else ""
        return plus + number(value, len(plain.partition(".")[2])) if "e" not in plain else f"{plus}{plain}"
    return str(value)


def when(day: dt.date) -> str:
    """A day as a quarter where it begins one: '2027Q2', else '2027-01-11'."""
    return quarter_name(label_quarter(pd.Timestamp(day))) if day.day == 1 and day.month % 3 == 1 else day.isoformat()


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Names as a list in a sentence: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    both = N_("{names} or {last}") if joint == "or" else N_("{names} and {last}")
    return _(both, names=", ".join(names[:-1]), last=names[-1])


MOST_NAMED = 5
"""Names that a sentence lists; more are counted."""


def listed_briefly(names: Sequence[str]) -> str:
    """Names as a list in a sentence, the last ones counted where there are many: a, b, c, d and 7 more."""
    if len(names) <= MOST_NAMED:
        return listed(names)
    return listed([*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"])


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = (), blanks: int = 2) -> list[str]:
    """Rows as text in columns, with blanks in front; columns of `right` are set flush right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        " " * blanks
        + "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def lever_name(lever: str) -> str:
    """A lever as a reader may read it: 'control.3a090_a' is 'control: 3a090 a'."""
    return lever.replace(".", ": ").replace("_", " ")


def move_words(move: Move, earlier: Iterable[Move]) -> str:
    """What a move does to what stood before: a number from and to, a rule that begins, changes or ends."""
    last = max((each for each in earlier if each.lever == move.lever), key=lambda each: each.since, default=None)
    old = None if last is None else last.value
    if move.lever in LEVERS:
        default = LEVERS[move.lever].default
        before, after = (default if value is None else value for value in (old, move.value))
        whom = reach_in_words(move)
        lever = f"{move.lever}{whom}"
        if before == after:
            return _("{lever} stays {value}", lever=lever, value=amount(after))
        return _("{lever} from {before} to {after}", lever=lever, before=amount(before), after=amount(after))
    if isinstance(move.value, Rule) and isinstance(old, Rule):
        how = "; ".join(_changed(old, move.value)) or _("in words only")
        return _("{rule} changes: {how}", rule=_called(move.value), how=how)
    if isinstance(move.value, Rule):
        return _("{rule} begins: {status}", rule=_called(move.value), status=_(BRIEFLY[move.value.policy]))
    return _("{rule} ends", rule=_called(old) if isinstance(old, Rule) else lever_name(move.lever))


def _called(rule: Rule) -> str:
    """A control by its paragraph, a relief by its paragraph and what it loosens."""
    if not rule.applies_to:
        return _(rule.paragraph)
    return _("{relief} (on {rules})", relief=_(rule.paragraph), rules=listed(rule.applies_to))


def _branches(rule: Rule) -> str:
    """The alternatives of a rule's tests."""
    said = [", ".join(map(read_test, branch)) for branch in rule.any_of]
    return "; ".join([*said[:1], *(_("or {form}", form=each) for each in said[1:])])


def _changed(old: Rule, new: Rule) -> list[str]:
    """What differs between two versions of a rule."""
    found = []
    if old.policy != new.policy:
        found.append(_("from {before} to {after}", before=_(BRIEFLY[old.policy]), after=_(BRIEFLY[new.policy])))
    if old.any_of != new.any_of:
        found.append(_("tests now {tests}", tests=_branches(new) or _("none")))
    were, are = {*old.destinations}, {*new.destinations}
    for told, places in ((N_("also for {places}"), are - were), (N_("no longer for {places}"), were - are)):
        if places:
            found.append(_(told, places=", ".join(sorted(places))))
    if (old.named, old.vendors) != (new.named, new.vendors):
        found.append(_("names {names}", names=", ".join((*new.vendors, *new.named)) or _("nobody")))
    return found + ([_("loosens {rules}", rules=listed(new.applies_to))] if old.applies_to != new.applies_to else [])


def range_words(name: str, box: Box, cells: Cells) -> str:
    """A box of cells as a noun phrase: 'data-centre parts of 4,800 to below 32,000 TPP with less than 6,500 GB/s of memory'."""
    limits = {axis.metrics: (axis, edge) for axis, edge in zip(cells.axes, box, strict=True) if edge != (0, axis.size)}
    head = _(name)
    if ("datacenter",) in limits:
        told = N_("data-centre {name}") if limits["datacenter",][1][0] else N_("{name} not for data centres")
        head = _(told, name=head)
    if () in limits:
        head += f" {_vendor_words(*limits[()])}"
    if ("tpp",) in limits:
        head += f" {_between(*limits['tpp',], 'TPP')}"
    more = [f"{_(RANGES[key][0])} {_between(*limits[key], RANGES[key][1])}" for key in RANGES if key in limits]
    if ("packager_approved",) in limits:
        approved = limits["packager_approved",][1][0]
        head += " " + (_("bound for an approved packager") if approved else _("not bound for an approved packager"))
    text = _("{parts} with {facts}", parts=head, facts=listed(more)) if more else head
    return f"{text}, {_sale_words(*limits['first_us_sale',])}" if ("first_us_sale",) in limits else text


BETWEEN = {
    (None, None): "",
    (None, True): N_("below {high} {unit}"),
    (None, False): N_("up to {high} {unit}"),
    (True, None): N_("of {low} {unit} or more"),
    (False, None): N_("above {low} {unit}"),
    (True, True): N_("of {low} to below {high} {unit}"),
    (True, False): N_("of {low} and up to {high} {unit}"),
    (False, True): N_("above {low} to below {high} {unit}"),
    (False, False): N_("above {low} and up to {high} {unit}"),
}
"""Ranges by whether the lower end lies inside, and whether the upper end starts the next range; None where there is no end."""


def _between(axis: Axis, edge: tuple[int, int], unit: str) -> str:
    """A range of a fact: 'below 6,500 GB/s', 'of 600 GB/s or more', 'of 4,800 to below 32,000 TPP'."""
    low = axis.edges[edge[0]] if edge[0] else None
    high = axis.edges[edge[1]] if edge[1] < axis.size else None
    told = BETWEEN[None if low is None else low.closed, None if high is None else high.closed]
    ends = {name: "" if end is None else amount(end.value) for name, end in (("low", low), ("high", high))}
    return _(told, unit=unit, **ends) if told else ""


def _vendor_words(axis: Axis, edge: tuple[int, int]) -> str:
    """Whose parts a box holds."""
    inside = [vendor for group in axis.vendors[slice(*edge)] for vendor in group]
    if ANOTHER not in inside:
        return _("from {vendors}", vendors=listed(inside, "or"))
    outside = [vendor for group in axis.vendors for vendor in group if vendor not in inside]
    return _("from vendors other than {vendors}", vendors=listed(outside, "or"))


def _sale_words(axis: Axis, edge: tuple[int, int]) -> str:
    """Since when a box's parts are on sale in the United States."""
    until = axis.edges[edge[1]].value if edge[1] < axis.size else None
    after = axis.edges[edge[0]].value if edge[0] else None
    parts = [] if after is None else [_("not on sale in the United States by {day}", day=_date(after))]
    return listed(parts if until is None else [*parts, _("on sale in the United States by {day}", day=_date(until))])


def _date(number: float) -> str:
    """Days since 1970-01-01 as a day."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=int(number))).isoformat()
