"""The web page that a reader gets: whole in one file, the same words as the PDF, in order for every reader, and inert."""

import base64
import io
import itertools
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from forecast.brief import build_brief
from forecast.brief.web import LARGEST_FILE, cut
from forecast.contract import BadInput
from forecast.dossier import KINDS
from forecast.figures import template_folder
from tests.fakes import fake_context
from tests.shape.test_brief import lay_out

VOID = {"meta", "img", "br", "hr", "wbr", "link", "col"}
HARD_TITLE = (
    'A & B <script>alert("x")</script> #panic("typst") $x^2$ *bold* _it_ `code` @ref <label> \\n "q" ‘s’ \U0001f984 '
    + "نص عربي "
    + "long " * 50
)


class Page(HTMLParser):
    """All elements of a page with their attributes and the text within, in order; tags that do not match are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(len(self.found) - 1)

    def handle_endtag(self, tag):
        assert self.found[self.open.pop()][0] == tag

    def handle_data(self, data):
        for place in self.open:
            self.found[place][2].append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None], str]]:
        return [(tag, attrs, "".join(text)) for tag, attrs, text in self.found if tag in tags]

    def one(self, tag: str) -> tuple[dict[str, str | None], str]:
        ((_, attrs, text),) = self.all(tag)
        return attrs, text


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return lay_out(tmp_path_factory.mktemp("web") / "run")


@pytest.fixture(scope="module")
def written(run_folder):
    return {kind: build_brief(run_folder, fake_context(), run_folder / f"{kind}.html", kind).read_text() for kind in KINDS}


@pytest.fixture(scope="module", params=KINDS)
def text(request, written):
    return written[request.param]


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


pytestmark = pytest.mark.slow


def test_it_says_its_language_title_and_width(page):
    assert page.one("html")[0]["lang"] == "en"
    assert page.one("title")[1] == fake_context()["scenario"]["title"]
    assert {"charset": "utf-8"} in [attrs for _, attrs, _ in page.all("meta")]
    assert any("width=device-width" in str(attrs.get("content")) for _, attrs, _ in page.all("meta"))


def test_it_asks_for_nothing_outside_and_runs_nothing(page, text):
    for _, attrs, _ in page.found:
        for name in ("src", "srcset", "poster", "data", "action", "background"):
            assert str(attrs.get(name, "data:")).startswith("data:")
        assert not [name for name in attrs if name.startswith("on")]
    assert not page.all("script", "iframe", "link", "object", "embed", "form")
    style = page.one("style")[1]
    assert "@import" not in style
    assert all(address.startswith("data:") for address in re.findall(r"url\(([^)]*)\)", style))
    assert "default-src 'none'" in text


def test_it_has_its_parts_for_those_who_jump(page):
    for part in ("header", "nav", "main", "footer", "h1"):
        page.one(part)
    skip = page.all("a")[0]
    assert skip[1]["href"] == "#" + str(page.one("main")[0]["id"])
    assert page.all("h2")[0][2]


def test_headings_step_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_link_within_the_page_arrives_and_every_section_is_linked(page):
    marks = [attrs["id"] for _, attrs, _ in page.found if "id" in attrs]
    assert len(marks) == len(set(marks))
    aims = {str(attrs["href"])[1:] for _, attrs, _ in page.all("a") if str(attrs["href"]).startswith("#")}
    named = {str(attrs["aria-labelledby"]) for _, attrs, _ in page.found if "aria-labelledby" in attrs}
    assert aims | named <= set(marks)
    assert {attrs["id"] for _, attrs, _ in page.all("h2")} <= aims


def test_each_picture_is_described_and_titled(page):
    pictures = page.all("img")
    assert len(page.all("figcaption")) == len(page.all("figure")) == len(pictures)
    for _, attrs, _ in pictures:
        assert len(str(attrs["alt"])) > 80
        assert str(attrs["src"]).startswith("data:image/svg+xml")


def test_each_table_has_a_caption_and_heads_for_its_columns_and_rows(page):
    assert page.all("table")
    captions = [attrs for _, attrs, _ in page.all("caption")]
    tables = [attrs for _, attrs, _ in page.all("table") if attrs["class"] != "pairs"]
    assert len(captions) == len(tables)
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for _, attrs, _ in page.all("th"))


def test_all_that_can_be_moved_sideways_can_be_reached_by_key(page):
    movable = [attrs for _, attrs, _ in page.found if attrs.get("class") == "scroll"]
    assert movable
    assert all(attrs["tabindex"] == "0" and attrs["aria-labelledby"] for attrs in movable)


def test_each_kind_is_credited_limited_and_cited(page):
    words = page.one("body")[1]
    for expected in ("Cite as: “", "CC BY", "an interval holds what the draws vary", fake_context()["provenance"]["fingerprint"]):
        assert expected in words


def test_data_of_figures_travel_in_the_page(written, run_folder):
    page = Page(written["annex"])
    build_brief(run_folder, fake_context(), run_folder / "annex.html", "annex")
    held = {str(attrs["download"]): str(attrs["href"]) for _, attrs, _ in page.all("a") if "download" in attrs}
    assert "table-numbers.csv" in held
    for name, address in held.items():
        whole = base64.b64decode(address.removeprefix("data:text/csv;base64,"))
        assert whole == (run_folder / "figures" / name).read_bytes()


def test_a_large_file_is_named_and_left_beside(tmp_path, monkeypatch):
    monkeypatch.setattr("forecast.brief.web.LARGEST_FILE", 100)
    page = Page(build_brief(lay_out(tmp_path / "run"), fake_context(), tmp_path / "two-page.html", "two-page").read_text())
    assert not [attrs for _, attrs, _ in page.all("a") if "download" in attrs]
    assert "table-effects.csv" in page.one("main")[1]
    assert LARGEST_FILE > 100


def test_two_builds_give_equal_bytes(written, tmp_path):
    again = build_brief(lay_out(tmp_path / "elsewhere" / "run"), fake_context(), tmp_path / "brief.html")
    assert again.read_text() == written["brief"]


def test_the_page_names_no_folder_of_this_machine(text, run_folder):
    assert str(run_folder) not in text
    assert str(template_folder()) not in text


def test_the_numbers_are_those_of_the_pdf(written, run_folder):
    words = " ".join(Page(written["brief"]).one("body")[1].split())
    build_brief(run_folder, fake_context(), run_folder / "brief.html")
    for line in pd.read_csv(run_folder / "numbers.csv", keep_default_na=False).itertuples():
        assert line.text in words, line.id


def test_a_hard_title_comes_out_as_it_was_written_and_does_nothing(tmp_path):
    context = fake_context()
    context["scenario"]["title"] = HARD_TITLE
    context["scenario"]["question"] = HARD_TITLE
    page = Page(build_brief(lay_out(tmp_path / "run"), context, tmp_path / "brief.html").read_text())
    assert page.one("title")[1] == HARD_TITLE
    attrs, shown = page.one("h1")
    assert shown == HARD_TITLE
    assert attrs["dir"] == "auto"
    assert not page.all("script", "code")


@pytest.mark.parametrize("regimes", [("current",), ("one", "two")])
def test_any_list_of_regimes_makes_a_page(regimes, tmp_path):
    context = fake_context(regimes)
    context["indistinct_until"] = dict.fromkeys(regimes[1:])
    assert Page(build_brief(lay_out(tmp_path / "run", regimes), context, tmp_path / "brief.html").read_text()).all("h2")


def test_what_the_browser_edition_cannot_show_stops_the_build(tmp_path, monkeypatch):
    desk = tmp_path / "reports" / "template"
    shutil.copytree(template_folder(), desk)
    with (desk / "brief.typ").open("a", encoding="utf-8") as file:
        file.write("\n#place(top, [a floating word])\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="warning"):
        build_brief(lay_out(tmp_path / "run"), fake_context(), tmp_path / "brief.html")
    assert not list(tmp_path.glob("*.html"))


def test_a_page_in_another_language_says_so_and_takes_its_words(run_folder, monkeypatch, tmp_path):
    from forecast.brief import pdf

    whole = pdf.assemble
    words = {"lang": "fr", "words": {"Sources": "Références «test»", "Data:": "Données :"}}
    monkeypatch.setattr(pdf, "assemble", lambda *parts, **more: whole(*parts, **more) | words)
    page = Page(build_brief(lay_out(tmp_path / "run"), fake_context(), tmp_path / "brief.html").read_text())
    assert page.one("html")[0]["lang"] == "fr"
    assert "Références «test»" in [text for _, _, text in page.all("h2")]
    assert "Tableau 1" in page.all("caption")[0][2]


def test_a_font_is_cut_to_what_is_said():
    font = template_folder() / "fonts" / "NotoSansCJKsc-Subset.otf"
    made = cut(font, set("华为"))
    assert made == cut(font, set("为华"))
    assert {chr(code) for code in TTFont(io.BytesIO(made)).getBestCmap()} == set("华为")
    assert len(made) < 20_000


def test_figures_carry_their_credit_wherever_they_go(written, run_folder):
    assert written
    for picture in (run_folder / "figures").glob("*.svg"):
        assert "Creative Commons Attribution" in picture.read_text(encoding="utf-8")
    told = (run_folder / "figures" / "credits.txt").read_text(encoding="utf-8")
    assert "Cite as: “" in told
    assert "CC BY" in told
