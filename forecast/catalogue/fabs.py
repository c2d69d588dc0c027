"""Tables of fabs, memory and packaging that must agree with each other and with the national paths."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from forecast.contract import BadInput
from forecast.names import HOSTS, STACK_ORIGINS, parse_quarter
from forecast.quantity import Quantity
from forecast.regime import BY_HOST, BY_VENDOR, Regime

EVERY_MAKER = "All makers"
"""What a count of all Chinese makers together is filed under."""

AGREE = 0.02
"""Share by which the sum of lines may depart from the national path at its median."""


def check_lines(params: Path, tables: Mapping[str, pd.DataFrame], quantities: Mapping[str, Quantity]) -> None:
    """Every line has the same years, and central values add up to the national path within 2 %.

    Raises BadInput with the first row of the year or line that does not.
    """
    path, table = params / "fabs/line_capacity.csv", tables["fabs/line_capacity.csv"]
    known = tables["fabs/lines.csv"]["fab"].tolist()
    for row in table.itertuples():
        if row.fab not in known:
            raise BadInput("an unknown line", file=path, line=int(row.line), found=row.fab, mend=_near(row.fab, known))
    years = sorted(table["year"].unique())
    national = quantities["logic_capacity"].path or {}
    for fab in known:
        rows = table[table["fab"] == fab]
        if sorted(rows["year"]) != years:
            line = int(rows["line"].iloc[0]) if len(rows) else 1
            raise BadInput("a line without all years", file=path, line=line, key=fab, expected=f"{years[0]:g} to {years[-1]:g}")
    for year, rows in table.groupby("year"):
        belief = national.get(f"{year:g}")
        if belief is not None and abs(rows["p50"].sum() / belief.p50 - 1.0) > AGREE:
            raise BadInput(
                "lines do not add up to logic_capacity", file=path, line=int(rows["line"].iloc[0]), key=f"{year:g}",
                found=f"{rows['p50'].sum():g} wafers a month", expected=f"{belief.p50:g} within {AGREE:.0%}",
            )  # fmt: skip


def check_packages(params: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Every Chinese class has a type of package, and no other class; every source of memory has a mix of generations."""
    path, table = params / "fabs/packages.csv", tables["fabs/packages.csv"]
    classes = tables["gpus/classes.csv"]
    home = classes.loc[classes["origin"] == "CN", "gpu_class"].tolist()
    for row in table.itertuples():
        if row.gpu_class not in home:
            raise BadInput(
                "a class of the other origin", file=path, line=int(row.line), found=row.gpu_class, expected="origin CN"
            )
    for name in home:
        if name not in set(table["gpu_class"]):
            raise BadInput("a Chinese class without a type of package", file=path, line=1, key=name)
    for origin in STACK_ORIGINS:
        if origin not in set(tables["fabs/memory_mix.csv"]["series"]):
            raise BadInput("a source of memory without a mix", file=params / "fabs/memory_mix.csv", line=1, key=origin)


def check_releases(params: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """A part that may slip has an older one of the same vendor to stand in for it. Raises BadInput with the row."""
    path, classes = params / "fabs/releases.csv", tables["gpus/classes.csv"].set_index("gpu_class")
    for row in tables["fabs/releases.csv"].itertuples():
        new, old = classes.loc[row.gpu_class], classes.loc[row.predecessor]
        if new["vendor"] != old["vendor"] or parse_quarter(old["first_quarter"]) >= parse_quarter(new["first_quarter"]):
            raise BadInput(
                "a predecessor is an older class of the same vendor", file=path, line=int(row.line), key=row.gpu_class,
                found=row.predecessor,
            )  # fmt: skip


def check_comparisons(params: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Published units are of a known vendor or of all makers, and spans are in order. Raises BadInput with the row."""
    vendors = {*tables["gpus/classes.csv"]["vendor"], EVERY_MAKER}
    for row in tables["fabs/shipments.csv"].itertuples():
        if row.vendor not in vendors:
            raise BadInput(
                "an unknown vendor", file=params / "fabs/shipments.csv", line=int(row.line), found=row.vendor,
                mend=_near(row.vendor, sorted(vendors)),
            )  # fmt: skip
    for name in ("fabs/shipments.csv", "fabs/views.csv"):
        for row in tables[name].itertuples():
            if parse_quarter(row.first_quarter) > parse_quarter(row.last_quarter):
                raise BadInput(
                    "a span that ends before it begins", file=params / name, line=int(row.line), found=row.first_quarter
                )


def check_foreign_dies(params: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Every maker of Chinese classes has a share of new foreign dies, and they add up to all. Raises BadInput with the row."""
    path, table, classes = params / "fabs/foreign_dies.csv", tables["fabs/foreign_dies.csv"], tables["gpus/classes.csv"]
    makers = list(dict.fromkeys(classes.loc[classes["origin"] == "CN", "vendor"]))
    for row in table.itertuples():
        if row.vendor not in makers:
            raise BadInput("an unknown vendor", file=path, line=int(row.line), found=row.vendor, mend=_near(row.vendor, makers))
    for maker in makers:
        if maker not in set(table["vendor"]):
            raise BadInput("a Chinese maker without a share of foreign dies", file=path, line=1, key=maker)
    whole = float(table["share"].sum())
    if abs(whole - 1.0) > 1e-6:
        raise BadInput("shares of foreign dies do not add up to proxy_dies", file=path, line=1, found=f"{whole:g}", expected="1")


def check_reach(lines: pd.DataFrame, sellers: pd.DataFrame, regimes: Mapping[str, Regime], designers: Sequence[str] = ()) -> None:
    """Every firm that a move names operates a line or designs chips, every country sells tools or hosts Chinese tenants.

    Raises BadInput with the nearest name.
    """
    operators, hosts = sorted(set(lines["operator"])), list(HOSTS)
    what = {"countries": "a country that sells no tools in params/fabs/tool_countries.csv"}
    for move, whose in [(move, regime.name) for regime in regimes.values() for move in regime.moves]:
        abroad, designs = move.lever in BY_HOST, move.lever in BY_VENDOR
        what["firms"] = "no designer of chips in params/fabs/foreign_dies.csv" if designs else "a firm that operates no line"
        known = {
            "firms": list(designers) if designs else operators,
            "countries": hosts if abroad else sellers["country"].tolist(),
        }
        for field, names in known.items():
            for word in getattr(move, field):
                if word not in names:
                    raise BadInput(
                        "a country that hosts no halls for Chinese tenants" if abroad else what[field],
                        file=f"regime {whose}", key=f"{move.lever}.{field}", found=word,
                        expected=", ".join(names), mend=_near(word, names),
                    )  # fmt: skip


def _near(word: str, known: list[str]) -> str | None:
    """A hint that names the nearest known word."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else None
