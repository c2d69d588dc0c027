"""Law in a reader's words: statuses, tests, moves, days. Texts only; nothing here decides anything."""

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd

from forecast.cells import ANOTHER
from forecast.names import label_quarter
from forecast.regime import LEVERS, Move, Rule, reach_in_words
from forecast.regions import SUM, Axis, Box, Cells

POLICY = {
    "free": "no licence needed",
    "exception_nac": "exception NAC: notice to the government, then free to go",
    "exception_aca": "exception ACA: free to go to allies and some others",
    "exception_hbm": "exception for memory: free to go to approved packagers",
    "licence_presumption_of_approval": "licence needed, approval presumed",
    "licence_case_by_case": "licence needed, decided case by case",
    "licence_presumption_of_denial": "licence needed, denial presumed",
    "prohibited": "prohibited",
}
"""Statuses in plain words."""

BRIEFLY = {
    "free": "free",
    "exception_nac": "exception NAC",
    "exception_aca": "exception ACA",
    "exception_hbm": "the exception for memory",
    "licence_presumption_of_approval": "presumption of approval",
    "licence_case_by_case": "review case by case",
    "licence_presumption_of_denial": "presumption of denial",
    "prohibited": "prohibited",
}
"""Statuses inside a sentence, after 'from' or 'to'."""

TAGS = {"S": "stated by a source", "B": "text of a rule or bill", "M": "our placeholder"}
"""How well a move is founded."""

WORDED = {"tpp": "TPP", ">=": "≥", "<=": "≤", " == yes": ": yes", " == no": ": no", "_": " ", "prc designed": "designed in China",
          "dram": "memory", "io bandwidth": "link bandwidth", "datacenter": "for data centres", "from us": "leaves from the US",
          "first us sale": "first American sale"}  # fmt: skip
"""Words of tests as a reader may know them."""

SCALARS = {
    "duty": "American import duty on licensed chips that pass through the United States, share of value",
    "revenue_share": "share of H20 and MI308 revenue that vendors hand to the American government",
    "quota_ratio": "cap on compute shipped to China and Macau over that shipped to American users, per product (1 is no cap)",
    "cn_accept": "what Beijing lets in of licensed supply, relative to current law",
    "counter_answer": "how surely a part that a vendor brings in answer to a change of law is closed again",
    "hq_rule": "how far the licence rule on parties headquartered in China is enforced outside China",
    "cloud_rule": "how far remote access by Chinese tenants is closed",
    "diversion": "diverted flow, relative to enforcement under current law",
    "tool_sales": "new chip-making tools for advanced Chinese lines, relative to current law",
    "tool_servicing": "servicing of installed tools, relative to current law",
    "hbm_access": "foreign memory stacks that leak to Chinese packagers, relative to current law",
}
"""Scalar levers in front of a colon; a lever without words is called by its name."""

RANGES = {
    ("performance_density",): ("a performance density", "TPP/mm2"),
    ("dram_bandwidth",): ("memory bandwidth", "GB/s"),
    ("io_bandwidth",): ("links", "GB/s"),
    SUM: ("memory bandwidth and links together", "GB/s"),
    ("memory_bandwidth_density",): ("a bandwidth density", "GB/s/mm2"),
}
"""Facts with a range as they stand after 'with', and their units."""


def read_test(test: str) -> str:
    """A test in words."""
    for word, other in WORDED.items():
        test = test.replace(word, other)
    return test


def amount(value: object, missing: str = "not known", signed: bool = False) -> str:
    """A number without needless digits, with its sign where asked, yes or no, a day."""
    if value is None:
        return missing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        plus = "+" if signed else ""
        return f"{value:{plus},.4g}" if abs(value) < 1e3 else f"{value:{plus},.0f}"
    return str(value)


def when(day: dt.date) -> str:
    """A day as a quarter where it begins one: '2027Q2', else '2027-01-11'."""
    return label_quarter(pd.Timestamp(day)) if day.day == 1 and day.month % 3 == 1 else day.isoformat()


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Names as a list in a sentence: a, b and c."""
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


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
        return f"{move.lever}{whom} stays {after:g}" if before == after else f"{move.lever}{whom} from {before:g} to {after:g}"
    if isinstance(move.value, Rule) and isinstance(old, Rule):
        return f"{_called(move.value)} changes: {'; '.join(_changed(old, move.value)) or 'in words only'}"
    if isinstance(move.value, Rule):
        return f"{_called(move.value)} begins: {BRIEFLY[move.value.policy]}"
    return f"{_called(old)} ends" if isinstance(old, Rule) else f"{lever_name(move.lever)} ends"


def _called(rule: Rule) -> str:
    """A control by its paragraph, a relief by its paragraph and what it loosens."""
    return f"{rule.paragraph} (on {listed(rule.applies_to)})" if rule.applies_to else rule.paragraph


def _changed(old: Rule, new: Rule) -> list[str]:
    """What differs between two versions of a rule."""
    found = []
    if old.policy != new.policy:
        found.append(f"from {BRIEFLY[old.policy]} to {BRIEFLY[new.policy]}")
    if old.any_of != new.any_of:
        found.append(f"tests now {'; or '.join(', '.join(map(read_test, branch)) for branch in new.any_of) or 'none'}")
    were, are = {*old.destinations}, {*new.destinations}
    for word, places in (("also for", are - were), ("no longer for", were - are)):
        if places:
            found.append(f"{word} {', '.join(sorted(places))}")
    if (old.named, old.vendors) != (new.named, new.vendors):
        found.append(f"names {', '.join((*new.vendors, *new.named)) or 'nobody'}")
    return found + ([f"loosens {listed(new.applies_to)}"] if old.applies_to != new.applies_to else [])


def range_words(name: str, box: Box, cells: Cells) -> str:
    """A box of cells as a noun phrase: 'data-centre parts of 4,800 to below 32,000 TPP with less than 6,500 GB/s of memory'."""
    limits = {axis.metrics: (axis, edge) for axis, edge in zip(cells.axes, box, strict=True) if edge != (0, axis.size)}
    head = name
    if ("datacenter",) in limits:
        head = f"data-centre {name}" if limits["datacenter",][1][0] else f"{name} not for data centres"
    if () in limits:
        head += f" {_vendor_words(*limits[()])}"
    if ("tpp",) in limits:
        head += f" {_between(*limits['tpp',], 'TPP')}"
    more = [f"{RANGES[key][0]} {_between(*limits[key], RANGES[key][1])}" for key in RANGES if key in limits]
    if ("packager_approved",) in limits:
        head += " bound for an approved packager" if limits["packager_approved",][1][0] else " not bound for an approved packager"
    text = f"{head} with {listed(more)}" if more else head
    return f"{text}, {_sale_words(*limits['first_us_sale',])}" if ("first_us_sale",) in limits else text


def _between(axis: Axis, edge: tuple[int, int], unit: str) -> str:
    """A range of a fact: 'below 6,500 GB/s', 'of 600 GB/s or more', 'of 4,800 to below 32,000 TPP'."""
    low = axis.edges[edge[0]] if edge[0] else None
    high = axis.edges[edge[1]] if edge[1] < axis.size else None
    top = "" if high is None else f"{'below' if high.closed else 'up to'} {amount(high.value)} {unit}"
    if low is None:
        return top
    if high is None:
        return f"of {amount(low.value)} {unit} or more" if low.closed else f"above {amount(low.value)} {unit}"
    start = "of" if low.closed else "above"
    return f"{start} {amount(low.value)} {'to below' if high.closed else 'and up to'} {amount(high.value)} {unit}"


def _vendor_words(axis: Axis, edge: tuple[int, int]) -> str:
    """Whose parts a box holds."""
    inside = [vendor for group in axis.vendors[slice(*edge)] for vendor in group]
    if ANOTHER not in inside:
        return f"from {listed(inside, 'or')}"
    outside = [vendor for group in axis.vendors for vendor in group if vendor not in inside]
    return f"from vendors other than {listed(outside, 'or')}"


def _sale_words(axis: Axis, edge: tuple[int, int]) -> str:
    """Since when a box's parts are on sale in the United States."""
    until = axis.edges[edge[1]].value if edge[1] < axis.size else None
    after = axis.edges[edge[0]].value if edge[0] else None
    parts = [f"not on sale in the United States by {_date(after)}"] if after is not None else []
    return " and ".join([*parts, f"on sale in the United States by {_date(until)}"] if until is not None else parts)


def _date(number: float) -> str:
    """Days since 1970-01-01 as a day."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=int(number))).isoformat()
