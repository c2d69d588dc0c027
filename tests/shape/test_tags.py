"""The tag tree of every kind of PDF, read by a reader of its own: whole, described, in order, nothing left out of it."""

import itertools
import re

import pytest
from pypdf import PdfReader

from forecast.brief import build_brief
from forecast.dossier import KINDS
from tests.fakes import fake_context
from tests.shape.pdftags import attribute, elements, marks, tagged, unmarked
from tests.shape.test_brief import lay_out

pytestmark = pytest.mark.slow

STANDARD_KINDS = """Document Part Sect Div Caption TOC TOCI P H1 H2 H3 H4 H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot
Span Quote Note Reference BibEntry Code Link Annot Figure Formula Form Artifact"""


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def reader(kind, tmp_path_factory):
    folder = lay_out(tmp_path_factory.mktemp("tags") / "run")
    return PdfReader(build_brief(folder, fake_context(), folder / "report.pdf", kind))


@pytest.fixture(scope="module")
def tree(reader):
    return elements(reader)


def test_it_claims_archive_and_access_and_says_its_language_and_title(reader):
    root = reader.trailer["/Root"]
    claims = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part[>=\"']+2", claims)
    assert re.search(r"pdfaid:conformance[>=\"']+A", claims)
    assert re.search(r"pdfuaid:part[>=\"']+1", claims)
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == fake_context()["scenario"]["title"]


def test_every_mark_on_a_page_is_tagged_or_called_decoration(reader):
    assert unmarked(reader) == []


def test_the_tree_reaches_every_tagged_mark_once_and_none_besides(reader):
    held = marks(reader)
    assert len(held) == len(set(held))
    assert set(held) == tagged(reader)


def test_every_figure_and_formula_is_described_and_has_its_place_on_the_page(kind, tree):
    pictures = [one for one in tree if one.kind in ("Figure", "Formula")]
    assert pictures or kind == "annex"
    for one in pictures:
        assert len(str(one.held["/Alt"])) > 80
        assert attribute(one, "/BBox") is not None


def test_heads_of_tables_have_a_scope_and_rows_are_whole(tree):
    heads = [one for one in tree if one.kind == "TH"]
    assert heads
    assert all(str(attribute(one, "/Scope")) in ("/Column", "/Row", "/Both") for one in heads)
    assert all("TR" in one.above and "Table" in one.above for one in tree if one.kind in ("TH", "TD"))
    assert sum(one.kind == "THead" for one in tree) == sum(one.kind == "Table" for one in tree)


def test_every_table_and_figure_stands_by_a_caption(kind, tree):
    count = {kind: sum(one.kind == kind for one in tree) for kind in ("Table", "Figure", "Caption")}
    how_it_was_made = 0 if kind == "two-page" else 1
    assert count["Caption"] == count["Table"] + count["Figure"] - how_it_was_made


def test_headings_step_down_one_level_at_a_time(tree):
    levels = [int(one.kind[1:]) for one in tree if re.fullmatch(r"H\d", one.kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_kind_of_tag_is_a_standard_one_or_stands_for_one(reader, tree):
    standard = re.findall(r"\w+", STANDARD_KINDS)
    stands = {str(name)[1:]: str(aim)[1:] for name, aim in reader.trailer["/Root"]["/StructTreeRoot"]["/RoleMap"].items()}
    assert {stands.get(one.kind, one.kind) for one in tree} <= set(standard)


def test_tab_order_follows_the_tree_and_every_link_says_where_it_leads(reader):
    for page in reader.pages:
        assert page["/Tabs"] == "/S"
        for note in page.get("/Annots", []):
            note = note.get_object()
            assert "/StructParent" in note
            assert note["/Contents"]


def test_every_section_has_a_bookmark(reader, tree):
    def titles(outline):
        for entry in outline:
            yield from titles(entry) if isinstance(entry, list) else [entry["/Title"]]

    sections = sum(one.kind in ("H1", "H2", "H3") for one in tree)
    assert len(list(titles(reader.outline))) == sections
