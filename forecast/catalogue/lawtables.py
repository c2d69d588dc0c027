"""Columns of the tables that stand beside the rules: chips, other items, rules in force, party lists, Beijing's gate, events."""

from forecast.catalogue.tables import Column
from forecast.stages.permissions import STATUSES

_TEXT, _MAY = Column(), Column(empty=True)
_PASSPORT = {
    "basis": Column(choices=("reported", "derived", "judgement")),
    "confidence": Column(choices=("high", "medium", "low")),
}


def _number(unit: str, low: float = 0.0, high: float = 1e6) -> Column:
    return Column("number", unit, empty=True, low=low, high=high)


CHIP_COLUMNS: dict[str, Column] = {
    "chip": Column(unique=True),
    "label": _TEXT,
    "aliases": _MAY,
    "vendor": _TEXT,
    "origin": Column(choices=("US", "CN")),
    "released": Column("date", empty=True),
    "first_us_sale": Column("date", empty=True),
    "datacenter": Column("flag"),
    "prc_designed": Column("flag"),
    "dense_8bit": _number("TOP/s"),
    "dense_16bit": _number("TFLOP/s"),
    "dense_4bit": _number("TFLOP/s"),
    "tpp": _number("TPP", high=1e7),
    "die_area": _number("mm2", 1.0, 1e4),
    "performance_density": _number("TPP/mm2", high=1e3),
    "dram_bandwidth": _number("GB/s"),
    "io_bandwidth": _number("GB/s"),
    "memory": _number("GB", high=1e5),
    "hbm_copackaged": Column("flag", empty=True),
    "tdp": _number("W", high=1e5),
    "price_low": _number("USD"),
    "price_high": _number("USD"),
    **_PASSPORT,
    "source": _TEXT,
    "note": _MAY,
}
"""Columns of the chip table. Aliases are parted by semicolons. Rates are dense; io_bandwidth is the scale-up link, both
directions, or the host link where there is no other; hbm_copackaged says whether the memory is HBM; a month without a day
stands as its last day; an empty cell is unknown, never zero."""

ITEM_COLUMNS: dict[str, Column] = {
    "item": Column(unique=True),
    "label": _TEXT,
    "aliases": _MAY,
    "kind": Column(choices=("hbm_stack", "lithography", "tool", "service", "software", "remote_access")),
    "vendor": _TEXT,
    "origin": Column(choices=("US", "NL", "JP", "KR", "CN", "DE", "any")),
    "stack_bandwidth": _number("GB/s", high=1e5),
    "stack_area": _number("mm2", 1.0, 1e4),
    "wavelength": _number("nm", 1.0, 1e3),
    "numerical_aperture": _number("1", 0.1, 2.0),
    "overlay": _number("nm", 0.1, 100.0),
    "metrology": Column("flag", empty=True),
    "home_listed": Column("flag", empty=True),
    "listed_3b": Column("flag", empty=True),
    **_PASSPORT,
    "source": _TEXT,
    "note": _MAY,
}
"""Columns of the table of memory stacks, tools and software; density and resolution follow from what they are made of."""

IN_FORCE_COLUMNS: dict[str, Column] = {
    "lever": Column(unique=True),
    "since": Column("date"),
    "value": Column("number", empty=True),
    "law_of": _MAY,
    "paragraph": _MAY,
    "test": _MAY,
    "named": _MAY,
    "vendors": _MAY,
    "origins": _MAY,
    "destinations": _MAY,
    "except_destinations": _MAY,
    "headquarters": Column("flag", empty=True),
    "only_headquartered": _MAY,
    "not_headquartered": _MAY,
    "applies_to": _MAY,
    "policy": Column(empty=True, choices=STATUSES),
    "rate_of": _MAY,
    "quotas": _MAY,
    "citation": _TEXT,
}
"""Columns of the table of rules in force: a scalar has a value, a control, relief, group or levy the rest; branches of tests
are parted by ' | ', tests within a branch by ' & ', lists by blanks, paragraphs and quotas by '; '. A test 'anything' is an
empty branch; a quota is its measure and limit."""

LISTING_COLUMNS: dict[str, Column] = {
    "firm": _TEXT,
    "aliases": _MAY,
    "list": _TEXT,
    "by": Column(choices=("US", "TW")),
    "since": Column("date"),
    "until": Column("date", empty=True),
    "reaches": _TEXT,
    "policy": Column(choices=STATUSES),
    "citation": _TEXT,
    "source": _TEXT,
    "confidence": Column(choices=("high", "medium", "low")),
    "note": _MAY,
}
"""Columns of the table of listed firms. `reaches` says what the entry cuts off, parted by blanks: chips, hbm, tools, software,
foundry."""

REACHES = ("chips", "hbm", "tools", "software", "foundry")

GATE_COLUMNS: dict[str, Column] = {
    "since": Column("date"),
    "until": Column("date", empty=True),
    "state": _TEXT,
    "chips": _MAY,
    "test": _MAY,
    "buyers": _TEXT,
    "happened": _TEXT,
    **_PASSPORT,
    "source": _TEXT,
}
"""Columns of the table of Beijing's gate: items by id, and a test for those treated alike; `vendor is NAME` may be a test."""

EVENT_COLUMNS: dict[str, Column] = {
    "event": Column(unique=True),
    "date": Column("date"),
    "title": _TEXT,
    "coded_in": _MAY,
    "why": _MAY,
}
"""Columns of the table of events: where each is coded (regimes, listings, cn_gate, what-ifs, parted by blanks), or why it is
not."""
