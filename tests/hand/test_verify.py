"""A report checks itself: what it carries, what its pages say, and what the run says when it is made again."""

import io
import json
import re

import pytest
from pypdf import PdfReader, PdfWriter

from forecast.brief import build_brief, pdf
from forecast.brief.attached import FILES, hashes
from forecast.brief.last import COLUMNS
from forecast.carried import EXACT, UNCHECKED, from_rows, open_report, own_text
from forecast.catalogue.load import load
from forecast.cli import main
from forecast.contract import BadInput
from forecast.publication import publish
from forecast.verify import verify
from tests.fakes import fake_context, fake_summary
from tests.shape.test_brief import lay_out

pytestmark = pytest.mark.slow

FINGERPRINT = fake_context()["provenance"]["fingerprint"]


def made_up(folder, seed=7):
    """A run folder of invented numbers, with a manifest that names it."""
    run = lay_out(folder, table=fake_summary(seed=seed))
    (run / "manifest.json").write_text(json.dumps({"as_of": "2026Q3", "fingerprint": FINGERPRINT}))
    return run


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = made_up(tmp_path_factory.mktemp("verify") / "run")
    return build_brief(folder, fake_context(), folder / "brief.pdf")


def with_attachment(source, out, name, content):
    """A copy in which one attachment holds something else."""
    writer = PdfWriter(clone_from=source)
    for item in writer.attachment_list:
        if item.name == name:
            item.content = content
    writer.write(out)
    return out


def test_it_carries_what_its_numbers_rest_on_and_prints_their_hashes(built):
    made = open_report(built)
    assert set(made.files) == set(FILES) - {"scenario.yaml", "regimes.yaml", "headlines.csv"}
    for name, digits in hashes(made.files).items():
        assert f"{name}{digits}" in made.words
    declared = PdfReader(built).trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "3" in declared.split("pdfaid:part")[1][:4]


def test_without_attachments_it_is_of_the_stricter_archive_standard(tmp_path):
    folder = made_up(tmp_path / "run")
    path = build_brief(folder, fake_context(), folder / "brief.pdf", attach=False)
    declared = PdfReader(path).trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "2" in declared.split("pdfaid:part")[1][:4]
    with pytest.raises(BadInput, match="no attachments"):
        open_report(path)


def test_an_honest_report_agrees_with_what_it_carries(built):
    found = verify(built, fast=True)
    assert found.page.wrong == []
    assert found.page.found > 300
    verdicts = {one.verdict for one in found.told}
    assert verdicts == {EXACT, UNCHECKED}
    assert found.agrees


def test_a_page_that_reads_like_a_text_of_the_catalogue_it_does_not_use_is_not_wrong(built):
    made = open_report(built)
    share = re.search(r"(\d+)%[a-z]{12,}", made.words)
    text = share.group().replace(share.group(1), "98765")
    assert wrong_with(made, words={"an unused message": text}) == []
    assert wrong_with(made, status=text) != []


def wrong_with(made, **changed):
    """What the pages say against the attachments when some texts of these are others; hashes apart."""
    pages = json.dumps({**made.pages, **changed}).encode()
    told = own_text(made._replace(files={**made.files, "pages.json": pages})).wrong
    return [one for one in told if not one.startswith("attachment")]


def test_pages_that_say_other_numbers_than_the_file_carries_are_found(built, tmp_path, monkeypatch):
    carried = open_report(built).files
    monkeypatch.setattr(pdf, "bundle", lambda *_: carried)
    folder = made_up(tmp_path / "run", seed=8)
    forged = build_brief(folder, fake_context(), folder / "brief.pdf")
    wrong = own_text(open_report(forged)).wrong
    assert len(wrong) > 20
    assert any("text/" in line and "on the page" in line for line in wrong)
    assert any(line.startswith("tables/headline") for line in wrong)
    assert main_says(["verify", str(forged), "--fast"]) == 1


def test_an_attachment_that_was_changed_is_found_by_its_hash_and_by_its_rows(built, tmp_path):
    rows = open_report(built).files["rows.csv"]
    line = next(line for line in rows.splitlines() if b"ratio_us_china" in line and b"p50" in line and b"2028Q4" in line)
    header = rows.splitlines()[0].split(b",")
    cells = line.split(b",")
    cells[header.index(b"value")] = b"99.0"
    changed = rows.replace(line, b",".join(cells))
    assert changed != rows
    path = with_attachment(built, tmp_path / "changed.pdf", "rows.csv", changed)
    found = verify(path, fast=True)
    assert [line for line in found.page.wrong if line.startswith("attachment rows.csv")]
    assert [one.now for one in found.told if one.id == "ratio_us_china/p50/current/2028Q4"] == ["99"]


def main_says(words):
    """The exit code of a command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["forecast", *words])
        with pytest.raises(SystemExit) as left:
            main()
    return left.value.code


def test_what_is_no_report_is_refused_in_plain_words(built, tmp_path, capsys):
    cut, text, plain = tmp_path / "cut.pdf", tmp_path / "notes.pdf", tmp_path / "plain.pdf"
    cut.write_bytes(built.read_bytes()[:200_000])
    text.write_text("notes")
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(plain)
    unknown = with_attachment(built, tmp_path / "new.pdf", "report.json", b'{"format": 99, "kind": "brief", "language": "en"}')
    spoilt = with_attachment(built, tmp_path / "spoilt.pdf", "pages.json", b"{")
    for path, words in (
        (cut, "damaged, cut off or locked"),
        (text, "not a PDF"),
        (plain, "no attachments"),
        (tmp_path / "absent.pdf", "cannot be read"),
        (unknown, "version that this code does not know"),
        (spoilt, "cannot be read"),
    ):
        assert main_says(["verify", str(path)]) == 2
        assert words in capsys.readouterr().err


def test_someone_elses_pdf_with_attachments_is_refused(tmp_path):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("invoice.xml", b"<x/>")
    content = io.BytesIO()
    writer.write(content)
    path = tmp_path / "invoice.pdf"
    path.write_bytes(content.getvalue())
    with pytest.raises(BadInput, match=r"no report of ours|damaged"):
        open_report(path)


def test_numbers_of_rows_are_worked_out_with_the_words_of_their_language(built):
    told = from_rows(open_report(built))
    share = next(one for one in told if one.id.startswith("share/onshore"))
    assert share.verdict == EXACT
    assert share.now == share.printed


def test_a_report_agrees_with_its_run_and_no_longer_once_an_input_is_changed(desk_copy, monkeypatch, tmp_path):
    monkeypatch.chdir(desk_copy)
    asked = load("smoke", desk_copy).model_copy(update={"draws": 16, "regimes": ("current",), "notebooks": ()})
    made = publish(asked, desk_copy, kind="scenario")
    report = tmp_path / "kept.pdf"
    report.write_bytes((made.folder / "scenario.pdf").read_bytes())
    same = verify(report, home=desk_copy)
    assert same.agrees
    assert same.same_bytes
    assert same.why == []
    path = desk_copy / "params" / "supply" / "diversion.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(_halved(text), encoding="utf-8")
    other = verify(report, home=desk_copy)
    assert not other.agrees
    assert any("supply/diversion.yaml" in line for line in other.why)
    assert sorted(found.name for found in (desk_copy / "reports" / "runs").iterdir()) == [made.folder.name]


NOTE = "---\nauthor: A. Analyst\nplace: channels\n---\n# A word on this\n\nWhat is abroad can be closed faster.\n"


def test_a_report_with_notes_and_an_earlier_brief_beside_it_agrees_after_both_have_gone(desk_copy, monkeypatch, tmp_path):
    monkeypatch.chdir(desk_copy)
    asked = load("smoke", desk_copy).model_copy(update={"draws": 16, "regimes": ("current",), "notebooks": ()})
    notes = desk_copy / "params" / "scenarios" / "commentary" / "smoke"
    notes.mkdir(parents=True, exist_ok=True)
    (notes / "channels.md").write_text(NOTE, encoding="utf-8")
    shelf = desk_copy / "reports" / "published"
    shelf.mkdir(parents=True, exist_ok=True)
    line = "smoke,2026-01-01,2025Q4,abcdef012345,0.1.0,0123,current,accessible,2028Q4,stock,1e6,2e6,3e6"
    (shelf / "headlines.csv").write_text(",".join(COLUMNS) + "\n" + line + "\n", encoding="utf-8")
    made = publish(asked, desk_copy)
    report = tmp_path / "kept.pdf"
    report.write_bytes((made.folder / "brief.pdf").read_bytes())
    carried = open_report(report)
    assert carried.files["note-channels.md"].decode() == NOTE
    assert "abcdef012345" in carried.files["headlines.csv"].decode()
    assert carried.pages["changed"] is not None
    (notes / "channels.md").unlink()
    (shelf / "headlines.csv").unlink()
    found = verify(report, home=desk_copy)
    assert found.agrees
    assert found.same_bytes


def _halved(text):
    """One belief of the file halved."""
    first = re.search(r"spread: \{p05: ([\d.e+-]+), p50: ([\d.e+-]+), p95: ([\d.e+-]+)\}", text)
    levels = ", ".join(f"{name}: {float(value) / 2!r}" for name, value in zip(("p05", "p50", "p95"), first.groups(), strict=True))
    return text.replace(first.group(), f"spread: {{{levels}}}", 1)
