"""The PDF that a reader gets: complete, accessible, archivable, equal on every build, and free of numbers without an id."""

import itertools
import json
import re
import shutil
from collections.abc import Iterator

import pandas as pd
import pytest
from matplotlib.ft2font import FT2Font
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from forecast.brief import build_brief
from forecast.brief.glance import first_messages
from forecast.brief.numbers import Numbers, See, sentence
from forecast.brief.sections import section_texts
from forecast.contract import BadInput
from forecast.figures import font_files, template_folder
from forecast.phrases import listed
from forecast.tables import Rows, Scope
from tests.fakes import AS_OF, REGIMES, fake_context, fake_override, fake_summary

pytestmark = pytest.mark.slow

NAMES = ("华为", "寒武纪", "昆仑芯", "平头哥", "中芯国际")


def lay_out(folder, regimes=REGIMES, table=None):
    """A run folder as the brief expects it."""
    folder.mkdir(parents=True)
    (fake_summary(regimes) if table is None else table).to_csv(folder / "summary.csv", index=False)
    (folder / "manifest.json").write_text(json.dumps({"as_of": AS_OF}))
    return folder


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    return lay_out(tmp_path_factory.mktemp("brief") / "run")


@pytest.fixture(scope="module")
def built(run_folder):
    return build_brief(run_folder, fake_context(), run_folder / "brief.pdf")


@pytest.fixture(scope="module")
def reader(built):
    return PdfReader(built)


@pytest.fixture(scope="module")
def text(reader):
    return "\n".join(page.extract_text() for page in reader.pages)


def elements(node) -> Iterator[DictionaryObject]:
    """All elements of the structure tree, in reading order."""
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for child in node:
            yield from elements(child)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


@pytest.fixture(scope="module")
def structure(reader):
    return list(elements(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def test_it_has_eight_to_twelve_pages(reader):
    assert 8 <= len(reader.pages) <= 12


def test_its_metadata_come_from_the_run_and_not_from_the_clock(reader):
    assert reader.metadata.title == fake_context()["scenario"]["title"]
    assert reader.metadata.creation_date.date().isoformat() == "2026-09-30"
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("en")


def test_it_declares_archive_and_accessibility_standards(reader):
    declared = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part[>=\"']+3", declared)
    assert re.search(r"pdfaid:conformance[>=\"']+A", declared)
    assert re.search(r"pdfuaid:part[>=\"']+1", declared)


def test_it_is_tagged_and_each_figure_is_described(reader, structure, run_folder):
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    described = [str(element["/Alt"]) for element in structure if "/Alt" in element]
    placed = {path.stem for path in (run_folder / "figures").glob("*.svg")} - {"purchases"}
    """Purchases class by class stand in the report of one scenario; the brief has them by year."""
    assert len([words for words in described if len(words) > 80]) == len(placed) == 10
    assert all(element.get("/Alt") for element in structure if element["/S"] == "/Figure" and "/Alt" in element)


def test_headings_step_down_one_level_at_a_time(structure):
    levels = [int(str(element["/S"])[2:]) for element in structure if re.fullmatch(r"/H\d", str(element["/S"]))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_tables_have_header_cells(structure):
    kinds = [str(element["/S"]) for element in structure]
    assert kinds.count("/Table") >= 14
    assert kinds.count("/TH") > 60


def test_fonts_are_ours_and_embedded(reader):
    used = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            descendant = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            used[str(font["/BaseFont"])] = descendant["/FontDescriptor"].get_object()
    assert used
    for name, descriptor in used.items():
        assert re.search(r"IBMPlexSans|NotoSansCJKsc", name)
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_chinese_names_are_text(text):
    for name in NAMES:
        assert name in text


def test_no_character_lacks_a_glyph(text):
    drawable = {chr(code) for path in font_files() for code in FT2Font(path).get_charmap()} | {"\n"}
    assert {character for character in text if not character.isspace()} <= drawable
    assert "\ufffd" not in text


def test_each_page_carries_its_status_and_its_run(reader):
    for number, page in enumerate(reader.pages, start=1):
        words = page.extract_text()
        assert "NOT LEGAL ADVICE" in words
        assert fake_context()["provenance"]["fingerprint"][:12] in words
        assert f"{number} / {len(reader.pages)}" in words


def test_page_one_answers_the_question(reader):
    words = " ".join(reader.pages[0].extract_text().split())
    assert fake_context()["scenario"]["question"] in words
    for expected in (
        "Current law",
        "Open Blackwell",
        "Strict denial",
        "90% interval",
        "until 2028Q2",
        "throughout",
        "full Blackwell",
    ):
        assert expected in words


def test_every_number_of_the_text_can_be_pulled(run_folder, text, built):
    numbers = pd.read_csv(run_folder / "numbers.csv", keep_default_na=False)
    assert numbers["id"].is_unique
    words = " ".join(text.split())
    for line in numbers.itertuples():
        assert line.text in words, line.id
    rows = Rows(fake_summary())
    stock = rows.value("compute_nominal", "p50", regime="current", channel="accessible", quarter="2028Q4")
    held = numbers.set_index("id").loc["compute_nominal/p50/current/accessible/2028Q4"]
    assert float(held["values"]) == pytest.approx(stock, rel=1e-6)


def test_two_builds_give_equal_bytes(built, tmp_path):
    folder = lay_out(tmp_path / "elsewhere" / "run")
    again = build_brief(folder, fake_context(), tmp_path / "brief.pdf")
    assert again.read_bytes() == built.read_bytes()
    for path in sorted((built.parent / "figures").iterdir()):
        assert (folder / "figures" / path.name).read_bytes() == path.read_bytes()


def test_the_file_names_no_folder_of_this_machine(built, run_folder):
    assert str(run_folder).encode() not in built.read_bytes()


@pytest.mark.parametrize(
    "regimes", [("current",), ("one", "two"), (*REGIMES, "quota")], ids=["one regime", "other names", "four regimes"]
)
def test_any_list_of_regimes_makes_a_brief(regimes, tmp_path):
    context = fake_context(regimes)
    context["indistinct_until"] = dict.fromkeys(regimes[1:])
    out = build_brief(lay_out(tmp_path / "run", regimes), context, tmp_path / "brief.pdf")
    assert len(PdfReader(out).pages) >= 6


def test_a_number_that_the_run_does_not_hold_stops_the_build(tmp_path):
    table = fake_summary()
    folder = lay_out(tmp_path / "run", table=table[table.variable != "ratio_us_china"])
    with pytest.raises(BadInput, match="ratio_us_china"):
        build_brief(folder, fake_context(), tmp_path / "brief.pdf")
    assert not list(tmp_path.glob("*.pdf"))


def test_an_id_that_the_run_does_not_hold_stops_the_build(tmp_path, monkeypatch):
    desk = tmp_path / "reports" / "template"
    shutil.copytree(template_folder(), desk)
    page = desk / "brief.typ"
    page.write_text(page.read_text(encoding="utf-8") + '\n#n("number-of-unicorns")\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="number-of-unicorns"):
        build_brief(lay_out(tmp_path / "run"), fake_context(), tmp_path / "brief.pdf")
    assert not list(tmp_path.glob("*.pdf"))


def test_a_failed_build_leaves_the_earlier_brief(tmp_path):
    folder, out = lay_out(tmp_path / "run"), tmp_path / "brief.pdf"
    before = build_brief(folder, fake_context(), out).read_bytes()
    context = fake_context()
    context["scenario"]["title"] = "A title with a character that no font has: \U0001f984"
    with pytest.raises(BadInput, match="U\\+1F984"):
        build_brief(folder, context, out)
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["brief.pdf"]


@pytest.mark.parametrize("key", ["scenario", "sources", "provenance", "side", "moves"])
def test_a_context_that_lacks_a_part_is_refused(key, tmp_path):
    context = fake_context()
    del context[key]
    with pytest.raises(BadInput, match=key):
        build_brief(lay_out(tmp_path / "run"), context, tmp_path / "brief.pdf")


def test_a_manifest_of_another_origin_is_refused(tmp_path):
    folder = lay_out(tmp_path / "run")
    (folder / "manifest.json").write_text(json.dumps({"as_of": "2025Q4"}))
    with pytest.raises(BadInput, match="origin"):
        build_brief(folder, fake_context(), tmp_path / "brief.pdf")


MESSAGE = re.compile(r'\bt\("((?:[^"\\]|\\.)*)"\)')
PAGES = sorted(template_folder().glob("*.typ"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_message_of_the_template_holds_a_number(page):
    for message in MESSAGE.findall(page.read_text(encoding="utf-8")):
        bare = re.sub(r'#n\(\\"[^"]*\\"\)|H100e?|8-bit', "", message)
        assert not re.search(r"\d", bare), message


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_word_of_the_template_is_a_message(page):
    """What is left of a page without messages, comments and code has no sentence: two words in a row, or a capital letter."""
    kept = MESSAGE.sub("", page.read_text(encoding="utf-8"))
    kept = re.sub(r"//.*", "", kept)
    code = r"^\s*(#|\.\.|[\w-]+[:(.=]|[\w-]+ [=+]|(let|set|show|if|for|return|else|context|import)\b).*"
    prose = re.findall(r"^\W*[A-Za-z][a-z]* [a-z]+ [a-z]+ [a-z]+.*", re.sub(code, "", kept, flags=re.MULTILINE), re.MULTILINE)
    blocks = re.findall(r"\[[A-Z][a-z]+ [^\]]*\]", re.sub(r'"[^"]*"', "", kept))
    assert prose + blocks == []


def test_a_sentence_may_not_hold_a_number_of_its_own():
    with pytest.raises(BadInput, match="without an id"):
        sentence("China has 8 million H100e.")
    with pytest.raises(BadInput, match="not given"):
        sentence("China has {stock} million H100e.")


def test_one_id_has_one_text():
    numbers = Numbers(Rows(fake_summary()))
    numbers.add("stock", "8.1", 8.1)
    with pytest.raises(BadInput, match="one id"):
        numbers.add("stock", "8.2", 8.2)


def spoken(parts, numbers):
    return "".join(numbers.held[part["id"]].text if "id" in part else part.get("text", "there") for part in parts)


def messages(table, context):
    numbers = Numbers(Rows(table))
    scope = Scope.of(context)
    found = first_messages(numbers, scope, context, section_texts(numbers, scope, context))
    return [spoken(message.lead, numbers) for message in found], numbers


def test_messages_follow_the_numbers():
    table, context = fake_summary(), fake_context()
    leads, _ = messages(table, context)
    assert leads[1].startswith("Strict denial would more likely than not")
    table.loc[table.statistic.isin(["p_loss_10pct", "p_gain_10pct"]), "value"] = 0.1
    context["indistinct_until"] = dict.fromkeys(REGIMES[1:])
    leads, _ = messages(table, context)
    assert leads[1].startswith("No alternative is more likely than not")
    assert leads[3].startswith("At no time")


def test_the_scarcest_input_is_the_one_that_the_run_names():
    table = fake_summary()
    leads, _ = messages(table, fake_context())
    assert "limited by memory" in leads[-1]
    swapped = {"share:memory": "share:packaging", "share:packaging": "share:memory"}
    table["statistic"] = table["statistic"].replace(swapped)
    leads, _ = messages(table, fake_context())
    assert "limited by packaging" in leads[-1]


def test_until_when_regimes_look_alike_must_be_said():
    context = fake_context()
    context["indistinct_until"] = {}
    with pytest.raises(BadInput, match="indistinct_until"):
        messages(fake_summary(), context)


def test_names_are_listed_as_people_list_them():
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


def words_of(path):
    """All text of a PDF on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_forks_and_overrides_appear_when_the_run_has_them(tmp_path):
    context = fake_context()
    context["scenario"]["overrides"] = [fake_override()]
    words = words_of(build_brief(lay_out(tmp_path / "run"), context, tmp_path / "brief.pdf"))
    for expected in ("Disputes on form", "moves to what binds (40%)", "What this scenario assumes otherwise"):
        assert expected in words
    context = fake_context()
    context["side"]["forks"] = None
    plain = words_of(build_brief(lay_out(tmp_path / "plain"), context, tmp_path / "plain.pdf"))
    assert "Disputes on form" not in plain
    assert "assumes otherwise" not in plain


SECTIONS = (
    "How much, and how sure",
    "Two gates", "What rules change", "The regimes in law", "Where the compute is", "Training and serving", "What binds",
    "What drives it", "Beside others’ numbers", "Judgement and limits", "Method", "Sources", "Making this brief again",
)  # fmt: skip


def bookmarks(outline, depth=0) -> Iterator[tuple[int, str]]:
    """All bookmarks with their depth, in order."""
    for entry in outline:
        if isinstance(entry, list):
            yield from bookmarks(entry, depth + 1)
        else:
            yield depth, str(entry["/Title"]).lstrip("0123456789 ")


def test_sections_come_in_the_order_in_which_a_decision_maker_reads(reader):
    assert [title for depth, title in bookmarks(reader.outline) if depth == 1] == ["What we find", *SECTIONS]


def test_no_page_ends_with_a_heading(reader):
    heads = {f"{number} {title}" for number, title in enumerate(SECTIONS, start=1)} | {
        "Limits",
        "Which instrument does it",
        "Disputes on form",
    }
    for page in reader.pages:
        lines = [" ".join(line.split()) for line in page.extract_text().splitlines() if line.strip()]
        body = [line for line in lines if not line.startswith("Run ") and " / " not in line]
        assert body[-1] not in heads


def test_each_side_result_stands_in_the_run_folder(run_folder, built):
    files = {path.name for path in (run_folder / "figures").iterdir()}
    for name in ("table-two-gates.csv", "table-waterfall.csv", "table-law.csv", "table-countries.csv", "table-drivers.csv"):
        assert name in files
    assert {"waterfall.svg", "tornado-level.svg", "tornado-effect.svg", "memory.svg", "purchases-by-year.svg"} <= files


def test_the_page_says_how_many_draws_a_side_question_had(text):
    assert "first 512 draws" in " ".join(text.split())


def test_a_figure_that_an_earlier_brief_left_behind_is_not_kept(run_folder, tmp_path):
    folder = lay_out(tmp_path / "run")
    (folder / "figures").mkdir()
    (folder / "figures" / "stale.csv").write_text("old")
    build_brief(folder, fake_context(), tmp_path / "brief.pdf")
    assert not (folder / "figures" / "stale.csv").exists()


def texts(table=None, regimes=REGIMES, **changes):
    """The openings of all sections in words, from a context with some parts changed."""
    context = fake_context(regimes)
    context["side"] |= changes
    rows = pd.concat([fake_summary(regimes) if table is None else table, context["side"]["rows"]], ignore_index=True)
    numbers = Numbers(Rows(rows))
    made = section_texts(numbers, Scope.of(context), context)
    return {name: " ".join(spoken(parts, numbers) for parts in (text.lead, *text.body)) for name, text in made.items()}


def test_the_gates_are_told_from_the_cells():
    assert "by −0.30 million H100e (−0.50 to +0.10) where Beijing lets in little" in texts()["gates"]
    gates = fake_context()["side"]["gates"]
    assert "by +6.0 million" in texts(gates=gates.assign(p50=6e6))["gates"]


def test_the_split_names_the_largest_instrument_and_what_rests_on_placeholders():
    told = texts()["split"]
    assert told.startswith("The effect of Strict denial rests mostly on Statute, that of Open Blackwell on Higher ceiling.")
    assert "Of its settings 67% are our placeholders; instruments made of placeholders alone carry 45% of the effect." in told
    assert "Of its settings all are our placeholders." in told


def test_a_bundle_without_effect_is_said_to_have_none():
    split = fake_context()["side"]["split"]
    assert "No bundle changes" in texts(split=split.assign(value=0.0))["split"]


def test_what_a_vendor_would_bring_is_told_where_its_regime_is_shown():
    assert "a part of 2,399 TPP and 1,399 GB/s that the law still lets go" in texts()["law"]
    assert "2 399" not in texts(regimes=("current", "open-blackwell"))["law"]


def test_a_run_of_one_regime_has_no_section_on_changes():
    made = texts(regimes=("current",))
    assert not {"effects", "split"} & set(made)
    assert made["law"] == "A regime is dated law; Current law is that of today."


def test_drivers_are_told_only_where_they_stand_out():
    made = texts()
    assert "depends most on “Capital expenditure of firms”: 3.0 million H100e" in made["drivers"]
    assert "drivers" not in texts(drivers={})


def test_the_memory_gap_is_explained_with_its_numbers():
    table = fake_summary()
    gap = Rows(table).value("stacks_imputed", "p50", regime="current", quarter=AS_OF)
    table.loc[table.variable == "stacks_imputed", "value"] *= 5e6 / gap
    assert "takes 5.0 million stacks" in texts(table)["binding"]
    assert "memory gap" not in texts(table[table.variable != "stacks_supplied"])["binding"]


def test_the_fork_that_matters_most_is_named():
    assert texts()["forks"].startswith("The dispute on form that matters most makes 2% of the variance")
    assert "“World supply”: its second form moves the stock by +0.60 million" in texts()["forks"]
    forks = fake_context()["side"]["forks"]
    assert "makes less than 1% of the variance" in texts(forks=forks.assign(variance_share=0.001))["forks"]
    assert "forks" not in texts(forks=None)


def test_goods_and_constraints_are_told_from_their_tables():
    assert "costs 20 thousand dollars for training (10 to 40) and 10 thousand for serving (5.0 to 20)" in texts()["yardsticks"]
    assert "more of memory stacks from now on would add 14 thousand H100e" in texts()["binding"]
    assert "more of logic wafers 0 thousand (0 to 0)" in texts()["binding"]


def test_a_sentence_may_point_at_a_figure():
    assert sentence("{figure} shows it.", figure=See("figure-fan")) == [{"see": "figure-fan"}, {"text": " shows it."}]
