"""Sources at the margin: those named most, by their number in the list, and none that the list does not show."""

from forecast.brief.margins import MOST, SECTIONS, margins
from forecast.catalogue.schema import TABLES
from forecast.tables import ordered_sources
from tests.fakes import fake_context


def test_a_margin_names_listed_sources_once_by_their_number():
    context = fake_context()
    place = {source["id"]: number for number, source in enumerate(ordered_sources(context), start=1)}
    told = margins(context, 999)["gates"]
    assert f"Example institute 3 [{place['source-03']}]" in told
    assert f"Example institute 1 [{place['source-01']}]" in told
    assert told.count("[") == 2


def test_sources_beyond_the_printed_list_are_left_out():
    context = fake_context()
    assert all(f"[{number}]" not in text for text in margins(context, 0).values() for number in range(99))


def test_the_most_named_sources_take_the_room():
    context = fake_context()
    many = [source["id"] for source in context["sources"]]
    context["groups"]["supply/licensed.yaml"] = [*many, many[-1]]
    told = margins(context, 999)["gates"]
    assert told.count("[") == MOST
    assert context["sources"][-1]["publisher"] in told


def test_each_file_behind_a_margin_is_one_of_params(catalogue, home):
    for name in {name for files in SECTIONS.values() for name in files}:
        assert (home / "params" / name).is_file()
        assert name in TABLES or any(path == home / "params" / name for path, _ in catalogue.places.values())
