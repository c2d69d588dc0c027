"""Evidence as a notebook shows it: what was observed, what others published, and on which sources all of it rests."""

from typing import Any

import pandas as pd

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.desk.question import readable
from forecast.desk.view import Listed, View
from forecast.tables import spread, two_digits, year_end


def observed() -> Listed:
    """Each observed series: class, channel, quarters, chips with interval, basis, source."""
    catalogue = open_catalogue()
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    names = _publishers(catalogue)
    rows = []
    table = catalogue.table("history/acquisitions.csv")
    table = table[table["role"] == "input"]
    for (_, channel, gpu_class), part in table.groupby(["series", "channel", "gpu_class"], sort=False):
        low, middle, high = (part[name].sum() / 1e3 for name in ("p05", "p50", "p95"))
        rows.append({
            "class": " ".join(filter(None, (classes.loc[gpu_class, "label"], classes.loc[gpu_class, "label_zh"]))),
            "channel": channel, "quarters": f"{part['quarter'].min()} to {part['quarter'].max()}",
            "thousand chips": f"{two_digits(middle)} ({spread(low, high)})",
            "basis": ", ".join(dict.fromkeys(part["basis"])), "by": _named(part["source"], names),
        })  # fmt: skip
    part = catalogue.table("history/diverted.csv")
    low, middle, high = (part[name].sum() / 1e3 for name in ("p05", "p50", "p95"))
    rows.append({
        "class": "Foreign chips against the rules", "channel": "diverted",
        "quarters": f"{part['quarter'].min()} to {part['quarter'].max()}",
        "thousand chips": f"{two_digits(middle)} ({spread(low, high)}) H100e", "basis": ", ".join(dict.fromkeys(part["basis"])),
        "by": _named(part["source"], names),
    })  # fmt: skip
    note = "Sum over quarters, median and 90% interval: in one draw a series is high or low in all of its quarters."
    return Listed(pd.DataFrame(rows), "What was acquired, series by series", note)


def comparators() -> Listed:
    """What others published, which is compared with and not used as an input."""
    catalogue = open_catalogue()
    names = _publishers(catalogue)
    table = catalogue.table("history/comparators.csv").sort_values(["quarter", "channel"], kind="stable")
    rows = [
        {
            "what": f"{row.what}, {row.channel}, {year_end(row.quarter)}", "value": _value(row), "unit": row.unit,
            "by": _named([row.source], names),
            "counts": row.definition, "leans on": row.lineage, "note": row.note,
        }
        for row in table.itertuples()
    ]  # fmt: skip
    note = "Rows with the same entry under “leans on” share their data: they are one witness and not several."
    return Listed(pd.DataFrame(rows), "Published figures that we compare with", note)


def _value(row: Any) -> str:
    """A published value with its interval where it has one."""
    known = not (pd.isna(row.p05) or pd.isna(row.p95))
    return readable(row.p50) + (f" ({readable(row.p05)} to {readable(row.p95)})" if known else "")


def lineages() -> Listed:
    """Of how many independent witnesses the published figures come."""
    table = open_catalogue().table("history/comparators.csv")
    rows = [
        {"leans on": name, "figures": len(part), "published": _span(part["published"])} for name, part in table.groupby("lineage")
    ]
    return Listed(pd.DataFrame(rows), "Independent witnesses behind the published figures")


def _span(days: pd.Series) -> str:
    first, last = f"{days.min():%Y-%m}", f"{days.max():%Y-%m}"
    return first if first == last else f"{first} to {last}"


def sources(view: View) -> Listed:
    """The bibliography of a run, by publisher."""
    rows = [{name: row[name] for name in ("publisher", "title", "date", "url")} for row in view.context["sources"]]
    return Listed(pd.DataFrame(rows), f"{len(rows)} sources of this run")


def who_says(word: str) -> Listed:
    """Everything that rests on publishers whose name or source id contains a word: inputs and rows of tables."""
    catalogue = open_catalogue()
    names = _publishers(catalogue)
    wanted = {key for key, publisher in names.items() if word.lower() in key.lower() or word.lower() in publisher.lower()}
    rows = [
        {"by": names[key], "says": quantity.about, "where": f"input {name}", "basis": quantity.basis}
        for name, quantity in catalogue.quantities.items()
        for key in quantity.sources
        if key in wanted
    ]
    for name, table in catalogue.tables.items():
        if "source" not in table or name == "sources.csv":
            continue
        each = table.assign(source=table["source"].str.split()).explode("source")
        each = each[each["source"].isin(wanted)]
        for publisher, part in each.groupby(each["source"].map(names)):
            basis = ", ".join(dict.fromkeys(part["basis"])) if "basis" in part else ""
            rows.append(
                {
                    "by": str(publisher),
                    "says": f"{len(part)} rows" if len(part) > 1 else "one row",
                    "where": f"params/{name}",
                    "basis": basis,
                }
            )
    frame = pd.DataFrame(rows, columns=["by", "says", "where", "basis"])
    return Listed(frame, f"What rests on “{word}”", "" if len(frame) else "Nothing: try a part of a publisher’s name.")


def _publishers(catalogue: Catalogue) -> dict[str, str]:
    table = catalogue.table("sources.csv")
    return dict(zip(table["source"], table["publisher"], strict=True))


def _named(held: "pd.Series | list[str]", names: dict[str, str]) -> str:
    """Publishers of some cells of sources, each once."""
    keys = [key for cell in held for key in str(cell).split()]
    return "; ".join(dict.fromkeys(names[key] for key in keys))
