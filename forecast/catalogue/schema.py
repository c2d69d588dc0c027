"""What each table of params/ holds: columns, units, ranges."""

from forecast.catalogue.tables import Column
from forecast.names import CHANNELS, COUNTRIES, FORKS, STACK_ORIGINS, TERMS

BASES = ("measured", "reported", "estimated", "derived", "judgement")
CLASS_VALUES = ("h100e", "bandwidth", "tdp", "price", "stacks", "dies", "slots")
KINDS = ("observation", "reported", "estimate", "forecast", "target", "claim")
"""What a published figure is, from a count to a wish."""

INDEPENDENT = (
    "dies", "stacks", "by dies", "by memory", "by slots", "stacked", "cards", "h100e",
    "memory binds", "logic binds", "packaging binds",
)  # fmt: skip
"""What the evidence's own run of its priors tells of Chinese supply."""

PACKAGE_TYPES = ("interposer", "substrate")
"""2.5D packages with stacked memory, and cards without."""

ROLES = ("input", "conditioning", "score")
COUNTED = {
    "rate_8bit": "TOP/s", "tpp": "TPP", "rate_4bit": "TFLOP/s", "rate_16bit": "TFLOP/s", "bandwidth": "TB/s", "chips": "chip",
    "power": "W", "money": "USD",
}  # fmt: skip
"""What a unit of compute may count, per chip, and in what it is stated."""

_TEXT, _MAY = Column(), Column(empty=True)
_PASSPORT = {
    "basis": Column(choices=BASES),
    "source": _TEXT,
    "dated": Column("date"),
    "reason": _TEXT,
}
_PUBLISHED = {
    "basis": Column(choices=BASES),
    "role": Column(choices=ROLES),
    "published": Column("date"),
    "published_basis": Column(choices=("reported", "assumed")),
    "source": _TEXT,
    "note": _MAY,
}


_BELIEF = ("p05", "p50", "p95")


def _number(unit: str, low: float | None = 0.0, high: float | None = None, empty: bool = False) -> Column:
    return Column("number", unit, low=low, high=high, empty=empty)


TABLES: dict[str, dict[str, Column]] = {
    "sources.csv": {
        "source": Column(unique=True), "publisher": _TEXT, "title": _TEXT, "date": Column("date"), "url": _TEXT, "note": _MAY,
    },
    "correlations.csv": {"name": _TEXT, "with": _TEXT, "rho": _number("1", -0.99, 0.99), "reason": _TEXT},
    "forks.csv": {
        "fork": Column(choices=tuple(FORKS)), "form": Column(choices=tuple(form for forms in FORKS.values() for form in forms)),
        "weight": _number("1", 0, 1), **_PASSPORT,
    },
    "branches.csv": {
        "regime": Column(unique=True), "kind": Column(choices=("branch", "layer")), "weight": _number("1", 0, 1), **_PASSPORT,
    },
    "tripwires.csv": {
        "watch": Column(unique=True), "label": _TEXT, "variable": Column(choices=tuple(sorted((*TERMS, "additions_h100e")))),
        "channel": Column(choices=CHANNELS, empty=True), "measure": Column(choices=("sum", "mean", "level")),
        "scale": _number("1", 1e-6), "unit": _TEXT, "seen_in": _TEXT, **_PASSPORT,
    },
    "turning_points.csv": {"when": Column(unique=True), "chance": _number("1", 0, 1), **_PASSPORT},
    "gpus/classes.csv": {
        "gpu_class": Column(unique=True), "label": _TEXT, "label_zh": _MAY, "vendor": _TEXT,
        "origin": Column(choices=("US", "CN")), "chip": _TEXT, "first_quarter": _TEXT, "last_quarter": _TEXT, "note": _MAY,
    },
    "gpus/vendors.csv": {"vendor": Column(unique=True), "name_zh": _TEXT, "note": _MAY},
    "gpus/class_values.csv": {
        "gpu_class": _TEXT, "variable": Column(choices=CLASS_VALUES), "unit": _TEXT,
        "p05": Column("number", low=1e-9), "p50": Column("number", low=1e-9), "p95": Column("number", low=1e-9),
        "scale": Column(choices=("log", "logit", "identity")), **_PASSPORT,
    },
    "fabs/lines.csv": {
        "fab": Column(unique=True), "operator": _TEXT, "site": _TEXT, "node": _TEXT, "foreign_tools": _number("1", 0, 1),
        "for_ai": _number("1", 0, 1), **_PASSPORT,
    },
    "fabs/line_capacity.csv": {
        "fab": _TEXT, "year": Column("number", low=2022, high=2040), **dict.fromkeys(_BELIEF, _number("wafer/month")),
        **_PASSPORT,
    },
    "fabs/tool_countries.csv": {
        "country": Column(unique=True), "label": _TEXT, "share": _number("1", 0, 1), **_PASSPORT,
    },
    "fabs/memory_generations.csv": {
        "generation": Column(unique=True), "label": _TEXT, **dict.fromkeys(_BELIEF, _number("TB/s", 1e-6)), **_PASSPORT,
    },
    "fabs/memory_mix.csv": {
        "series": Column(choices=STACK_ORIGINS), "quarter": _TEXT, "generation": _TEXT, "share": _number("1", 0, 1), **_PASSPORT,
    },
    "fabs/stockpile.csv": {
        "item": Column(unique=True), "side": Column(choices=("arrived", "used")), "label": _TEXT,
        **dict.fromkeys(_BELIEF, _number("stack")), **_PASSPORT,
    },
    "fabs/packages.csv": {
        "gpu_class": Column(unique=True), "type": Column(choices=PACKAGE_TYPES), **dict.fromkeys(_BELIEF, _number("die/chip", 1)),
        **_PASSPORT,
    },
    "fabs/foreign_dies.csv": {"vendor": Column(unique=True), "share": _number("1", 0, 1), **_PASSPORT},
    "fabs/shipments.csv": {
        "vendor": _TEXT, "product": _TEXT, "first_quarter": _TEXT, "last_quarter": _TEXT, "kind": Column(choices=KINDS),
        "p05": _number("card", empty=True), "p50": _number("card"), "p95": _number("card", empty=True),
        "same_counts": Column("flag"), "role": Column(choices=("comparison",)), "source": _TEXT, "published": Column("date"),
        "note": _MAY,
    },
    "fabs/yields.csv": {
        "node": Column(choices=("7 nm class", "5 nm class")), "product": _TEXT, "quarter": _TEXT, "kind": Column(choices=KINDS),
        "p05": _number("1", 0, 1, empty=True), "p50": _number("1", 0, 1), "p95": _number("1", 0, 1, empty=True),
        "large_die": Column("flag"), "die_area": _number("mm2", 1, 858, empty=True), "role": Column(choices=("comparison",)),
        "source": _TEXT, "published": Column("date"), "note": _MAY,
    },
    "fabs/views.csv": {
        "who": _TEXT, "first_quarter": _TEXT, "last_quarter": _TEXT,
        "binds": Column(choices=("logic dies", "memory", "packaging", "foreign dies", "none")), "says": _TEXT,
        "role": Column(choices=("comparison",)), "source": _TEXT, "published": Column("date"),
    },
    "fabs/independent_run.csv": {
        "what": Column(choices=INDEPENDENT), "label": _TEXT, "year": Column("number", low=2026, high=2032), "unit": _TEXT,
        "p05": Column("number", low=0, empty=True), "p50": Column("number", low=0), "p95": Column("number", low=0, empty=True),
        "role": Column(choices=("comparison",)), "basis": Column(choices=BASES), "dated": Column("date"), "why": _MAY,
    },
    "fabs/releases.csv": {
        "gpu_class": Column(unique=True), "predecessor": _TEXT, **dict.fromkeys(_BELIEF, _number("quarter")), **_PASSPORT,
    },
    "fabs/mix.csv": {"quarter": _TEXT, "gpu_class": _TEXT, "share": _number("1", 0, 1), **_PASSPORT},
    "supply/diverted_mix.csv": {"quarter": _TEXT, "gpu_class": _TEXT, "share": _number("1", 0, 1), **_PASSPORT},
    "supply/nvidia_mix.csv": {"quarter": _TEXT, "gpu_class": _TEXT, "share": _number("1", 0, 1), **_PASSPORT},
    "supply/world_mix.csv": {
        "series": Column(choices=("amd", "tpu", "trainium")), "quarter": _TEXT, "gpu_class": _TEXT,
        "share": _number("1", 0, 1), **_PASSPORT,
    },
    "supply/offshore_countries.csv": {
        "quarter": _TEXT, "country": Column(choices=COUNTRIES), "share": _number("1", 0, 1), **_PASSPORT,
    },
    "history/acquisitions.csv": {
        "series": _TEXT, "channel": Column(choices=CHANNELS), "gpu_class": _TEXT, "quarter": _TEXT,
        **dict.fromkeys(_BELIEF, _number("chip", 1e-6)), "kept_abroad": Column("flag"), **_PUBLISHED,
    },
    "history/diverted.csv": {
        "quarter": _TEXT, **dict.fromkeys(_BELIEF, _number("H100e", 1e-6)), **_PUBLISHED,
    },
    "history/world.csv": {
        "series": Column(choices=("nvidia", "amd", "tpu", "trainium")), "quarter": _TEXT, "p50": _number("H100e"), **_PUBLISHED,
    },
    "history/training_runs.csv": {
        "run": Column(unique=True), "developer": _TEXT, "country": Column(choices=("CN", "US")), "released": Column("date"),
        "flop": _number("FLOP", 1e20), "hardware": _MAY, "chips": _number("chip", 1, empty=True),
        "days": _number("day", 1, 400, empty=True), "utilisation": _number("1", 0.01, 1, empty=True),
        "confidence": Column(choices=("confident", "likely", "speculative")), **_PUBLISHED,
    },
    "units.csv": {
        "unit": Column(unique=True), "label": _TEXT, "counts": Column(choices=tuple(COUNTED)),
        "amount": Column("number", low=1e-12), "of": _TEXT, **_PASSPORT,
    },
    "history/series.csv": {
        "series": _TEXT, "quarter": _TEXT, "value": Column("number", low=1e-9), "unit": _TEXT,
        "seen": Column(choices=("dataset", "search", "derived", "sum checked")), "published": Column("date"),
        "published_basis": Column(choices=("reported", "assumed")), "source": _TEXT, "note": _MAY,
    },
    "history/h200_priors.csv": {
        "what": Column(choices=("supply", "acceptance", "lag"), unique=True), "about": _TEXT,
        **dict.fromkeys(_BELIEF, Column("number", low=1e-6)), "scale": Column(choices=("log", "logit")), "unit": _TEXT,
        "basis": Column(choices=BASES), "source": _TEXT, "published": Column("date"), "reason": _TEXT,
    },
    "demand/buyers.csv": {
        "buyer": _TEXT, "label": _TEXT, "year": Column("number", low=2020, high=2040), "share": _number("1", 0, 1),
        "published": _number("bn USD/year", empty=True), "abroad": _number("1", 0, 5), "domestic_only": _number("1", 0, 1),
        **_PASSPORT,
    },
    "demand/sectors.csv": {
        "buyer": _TEXT, "sector": _TEXT, "share": _number("1", 1e-6, 1), "factor": _number("1", 1), "giant": _number("1", 0, 1),
        **_PASSPORT,
    },
    "demand/supernodes.csv": {
        "system": Column(unique=True), "label": _TEXT, "gpu_class": _TEXT, "cards": _number("chip", 1),
        "claimed": _number("1", 1, empty=True), "quarter": _TEXT,
        **{f"joined_{name}": _number("1", 1) for name in _BELIEF},
        **{f"late_{name}": _number("quarter", None) for name in _BELIEF}, **_PASSPORT,
    },
    "history/trends.csv": {
        "series": Column(unique=True), "about": _TEXT, "first_quarter": _TEXT, "last_quarter": _TEXT,
        "trend": Column(choices=("local linear trend", "random walk with drift")),
        "measure": Column(choices=("growth", "excess")), "horizon": _number("quarter", 1, 40),
        "unobserved": _number("1", 0, 1), "damped": _number("1", 0, 1), "judged": _number("1", 0, 1),
        **dict.fromkeys(_BELIEF, _number("1", empty=True)), "feeds": _MAY, "touches": _TEXT, "dated": Column("date"),
        "reason": _TEXT,
    },
    "fitted/diagnostics.csv": {
        "series": _TEXT, "form": Column(choices=("unobserved", "damped", "judged", "pooled")), "weight": _number("1", 0, 1),
        "points": Column("number", empty=True), "filled": Column("number", empty=True),
        **dict.fromkeys(_BELIEF, _number("1", -1)),
        "aic": Column("number", empty=True), "ljung_box": _number("1", 0, 1, empty=True),
        "jarque_bera": _number("1", 0, 1, empty=True), "origins": Column("number", empty=True),
        "error_ratio": _number("1", 0, empty=True), "coverage": _number("1", 0, 1, empty=True), "data_hash": _TEXT, "code": _TEXT,
    },
    "fitted/ramps.csv": {
        "series": _TEXT, "form": Column(choices=("log-linear", "logistic", "Gompertz")), "points": Column("number", low=1),
        "rmse": _number("1"), "aicc": Column("number"),
        **{f"y{year}": _number("wafer/month", 1) for year in (2027, 2028, 2030, 2032)}, "data_hash": _TEXT, "code": _TEXT,
    },
    "history/comparators.csv": {
        "comparator": Column(unique=True), "what": _TEXT, "quarter": _TEXT, "channel": _TEXT,
        "p05": Column("number", empty=True), "p50": Column("number"), "p95": Column("number", empty=True), "unit": _TEXT,
        "definition": _TEXT, "role": Column(choices=ROLES), "published": Column("date"), "source": _TEXT, "lineage": _TEXT,
        "note": _MAY,
    },
    "history/hand_arithmetic.csv": {
        "what": _TEXT, "regime": _TEXT, "quarter": _TEXT, "channel": _TEXT, "kind": Column(choices=("stock", "added", "effect")),
        "p05": Column("number", "H100e"), "p50": Column("number", "H100e"), "p95": Column("number", "H100e"),
        "basis": Column(choices=BASES), "dated": Column("date"), "reason": _TEXT,
    },
}  # fmt: skip
