"""Sources at the margin: those named most, by their number in the list, all of which it prints."""

import re

import pandas as pd

from forecast.brief.margins import margins
from forecast.catalogue.schema import TABLES
from forecast.tables import IN_MARGIN, SECTIONS, cited, cited_sources, ordered_sources
from tests.fakes import fake_context


def test_a_margin_names_listed_sources_once_by_their_number():
    context = fake_context()
    place = {source["id"]: number for number, source in enumerate(ordered_sources(context), start=1)}
    told = margins(context)["gates"]
    assert f"Example institute 3 [{place['source-03']}]" in told
    assert f"Example institute 1 [{place['source-01']}]" in told
    assert told.count("[") == 2


def test_every_number_at_a_margin_is_in_the_printed_list():
    context = fake_context()
    printed = len(cited_sources(context))
    numbers = [int(number) for text in margins(context).values() for number in re.findall(r"\[(\d+)\]", text)]
    assert numbers
    assert max(numbers) <= printed


def test_the_most_named_sources_take_the_room():
    context = fake_context()
    many = [source["id"] for source in context["sources"]]
    context["groups"]["supply/licensed.yaml"] = [*many, many[-1]]
    told = margins(context)["gates"]
    assert told.count("[") == IN_MARGIN
    assert context["sources"][-1]["publisher"] in told


def test_each_file_behind_a_margin_is_one_of_params(catalogue, home):
    for name in {name for files in SECTIONS.values() for name in files}:
        assert (home / "params" / name).is_file()
        assert name in TABLES or any(path == home / "params" / name for path, _ in catalogue.places.values())


def test_every_number_cited_in_a_table_is_in_the_printed_list_with_drivers_and_law():
    context = fake_context()
    context["side"] = {"drivers": {"level": pd.DataFrame({"input": ["memory"], "within_noise": [False]})}}
    context["passports"]["memory"] = {"sources": ["source-07", "source-05", "source-09", "source-01"]}
    printed = [source["id"] for source in ordered_sources(context)][: len(cited_sources(context))]
    assert {"source-07", "source-05", "source-09"} <= set(printed)
    shown = cited(context, context["passports"]["memory"]["sources"], 3)
    assert shown.endswith(", …]")
    assert max(int(number) for number in re.findall(r"\d+", shown)) <= len(printed)
