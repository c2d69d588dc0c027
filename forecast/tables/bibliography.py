"""The list of sources of a report: in what order, which of them it cites, and under which numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecast.contract import BadInput

SECTIONS = {
    "gates": ("supply/licensed.yaml",),
    "channels": ("supply/diversion.yaml", "supply/licensed.yaml", "supply/offshore.yaml", "supply/hosts.yaml"),
    "yardsticks": ("demand/use.yaml", "demand/money.yaml"),
    "binding": ("fabs/memory.yaml", "fabs/logic.yaml", "fabs/packaging.yaml"),
    "odds": ("branches.csv", "turning_points.csv"),
}
"""Section -> files of params whose sources stand at its margin; other sections cite theirs line by line."""

IN_MARGIN = 6
"""Sources that a margin has room for."""

DRIVERS_SHOWN = 6
DRIVER_SOURCES = 3
"""Inputs told of for each outcome, and sources cited for each."""


def cited_sources(context: Mapping[str, Any]) -> list[str]:
    """Ids of all sources that a report cites: of figures beside ours, of the law, of drivers, of changes and at the margins."""
    named = [other["source"] for row in context["comparison"] for other in row["others"] if other.get("source")]
    named += [source for move in context.get("moves", ()) for source in move["sources"]]
    for frame in ((context.get("side") or {}).get("drivers") or {}).values():
        for row in drivers_shown(frame):
            named += passport_of(row["input"], context).get("sources", ())[:DRIVER_SOURCES]
    named += [source for row in context["scenario"].get("overrides", ()) for source in row["sources"]]
    named += [source for chosen in at_margins(context).values() for source in chosen]
    return list(dict.fromkeys(named))


def ordered_sources(context: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The sources, those that the report cites first: their place is the number under which they are cited."""
    known = {source["id"]: source for source in context["sources"]}
    named = cited_sources(context)
    unknown = [name for name in named if name not in known]
    if unknown:
        raise BadInput("A table cites a source that is not listed", found=unknown[0], expected="an id among the sources")
    return [known[name] for name in dict.fromkeys([*named, *known])]


def places(context: Mapping[str, Any]) -> dict[str, int]:
    """The number under which each source is cited."""
    return {source["id"]: number for number, source in enumerate(ordered_sources(context), start=1)}


def cited(context: Mapping[str, Any], names: Sequence[str], most: int = 4) -> str:
    """Numbers of the first sources in brackets after a text, with an ellipsis for more: ' [3, 7]'; nothing without sources."""
    place = places(context)
    known = [name for name in names if name in place]
    more = ", …" if len(known) > most else ""
    return f" [{', '.join(map(str, sorted(place[name] for name in known[:most])))}{more}]" if known else ""


def drivers_shown(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of the inputs that move an outcome most, without those within the noise."""
    told: list[dict[str, Any]] = frame[~frame["within_noise"]].head(DRIVERS_SHOWN).to_dict("records")
    return told


def passport_of(name: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an input rests on; a row of a table of inputs may stand under the name in front of its dot."""
    held: Mapping[str, Any] = context["passports"].get(name) or context["passports"].get(name.partition(".")[0], {})
    return held


def at_margins(context: Mapping[str, Any]) -> dict[str, list[str]]:
    """Section -> the sources that the files behind it name most often, as many as a margin holds."""
    known, found = {source["id"] for source in context["sources"]}, {}
    for section, files in SECTIONS.items():
        named = [source for name in files for source in context.get("groups", {}).get(name, ()) if source in known]
        found[section] = sorted(dict.fromkeys(named), key=lambda source: -named.count(source))[:IN_MARGIN]
    return found
