"""Any notebook on paper: everything that notebooks hold is printed, tagged, on the page and the same twice; mistakes are told."""

import base64
import itertools
import json
import re
import struct
import subprocess
import sys
import zlib

import pandas as pd
import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

pytest.importorskip("pypandoc", reason="the extra publish is not installed")

from forecast.contract import BadInput
from forecast.paper import publish_notebook
from forecast.paper.frames import Column, layout
from forecast.paper.pieces import plain

pytestmark = pytest.mark.slow

TITLE = 'A "title" -- with #hash, $5, @name, <b>tag</b> & 🎉 for 华为'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="80pt"><rect width="300" height="80" fill="#173f5f"/></svg>'
LONG = "x" * 160 + "/" + "y" * 160


def png(width=40, height=20):
    """A grey picture."""
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def text_cell(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code_cell(source, *outputs, tags=()):
    metadata = {"tags": list(tags)}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": list(outputs), "execution_count": 1}


def shown(metadata=None, **data):
    named = {name.replace("_", "/").replace("/svg", "/svg+xml"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": metadata or {}}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def write(path, *cells):
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}), encoding="utf-8")
    return path


FRAME = pd.DataFrame(
    {"stock": [1.5, -20.25, 300.0], "name": ["麒麟", "b < c & d", "e"]}, index=pd.Index(["x", "y", "z"], name="row")
)
WIDE = pd.DataFrame([[1234567.891] * 16], columns=[f"a long heading number {n}" for n in range(16)])
BAND = base64.b64encode(SVG.encode()).decode()
DESK = (
    f'<figure><figcaption><b>Figure 7: What the desk shows</b></figcaption><img alt="A blue band, described by the desk" '
    f'src="data:image/svg+xml;base64,{BAND}"><figcaption>A note below it.</figcaption></figure>'
)


def everything(path):
    """A notebook with all that notebooks hold."""
    deep = "### Deep heading at once\n\nMaths $a \\! x^2$ and\n\n$$\\int_0^1 x\\,dx = \\tfrac12$$\n\n"
    second = "## Second\n\n| a | b |\n|--:|:--|\n| 1 | left |\n\n= not a heading\n\n- one\n- two\n\n> said\n\n### Third\n\n"
    picture = "![words for a picture](attachment:a.png)"
    grey = "#| fig-alt: a grey box, described in the code\nplot()"
    return write(
        path,
        text_cell(f"# {TITLE.replace('$5', chr(92) + '$5')}\n\nFirst words: `code`, 5 < 6, it's \"quoted\"; 中芯国际."),
        code_cell("scenario = 'nowhere'\nlevels = ['a', 'b']", tags=["parameters"]),
        text_cell(deep + "With a note[^1].\n\n[^1]: The note's text."),
        text_cell(second + picture, attachments={"a.png": {"image/png": png()}}),
        code_cell("secret_code()", stream("\x1b[31mred\x1b[0m 10%\r100% done\n"), stream("a warning\n", "stderr")),
        code_cell("shown_code()  # 注释", tags=["show-code"]),
        code_cell("gone()", stream("never printed"), tags=["remove-cell"]),
        code_cell("", stream(LONG + "\n")),
        text_cell(LONG),
        code_cell("", shown(text_html=FRAME.to_html(), text_plain="repr of a frame")),
        code_cell("", shown(text_html=WIDE.to_html(), text_plain="wide")),
        code_cell("", shown(text_html=DESK)),
        code_cell(grey, shown(image_png=png(), text_plain="<Figure size 6x4 with 1 Axes>")),
        code_cell("", shown({"image/svg+xml": {"alt": "a band in metadata"}}, image_svg=SVG)),
        code_cell("", shown(text_latex="$$E = mc^2$$")),
        code_cell("", shown(text_markdown="**bold** output")),
    )  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return everything(tmp_path_factory.mktemp("publish") / "everything.ipynb")


@pytest.fixture(scope="module")
def made(source):
    return publish_notebook(source)


@pytest.fixture(scope="module")
def reader(made):
    return PdfReader(made.path)


@pytest.fixture(scope="module")
def words(reader):
    return " ".join(" ".join(page.extract_text() for page in reader.pages).replace("\u200b", "").split())


def elements(node):
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


def test_published_twice_it_has_equal_bytes(source, made, tmp_path):
    elsewhere = tmp_path / source.name
    elsewhere.write_bytes(source.read_bytes())
    assert publish_notebook(elsewhere).path.read_bytes() == made.path.read_bytes()
    assert not made.executed


def test_it_declares_archive_and_accessibility_standards(reader):
    declared = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part[>=\"']+2", declared)
    assert re.search(r"pdfaid:conformance[>=\"']+A", declared)
    assert re.search(r"pdfuaid:part[>=\"']+1", declared)


def test_each_kind_of_thing_has_its_tag(structure):
    kinds = {str(element["/S"]) for element in structure}
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/Table", "/TH", "/TD", "/Figure", "/Formula"} <= kinds
    levels = [int(str(e["/S"])[2:]) for e in structure if re.fullmatch(r"/H\d", str(e["/S"]))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_each_picture_and_formula_is_described(structure):
    said = {str(element["/Alt"]) for element in structure if "/Alt" in element}
    assert {
        "A blue band, described by the desk", "a grey box, described in the code", "a band in metadata", "words for a picture",
        "E = mc^2",
    } <= said  # fmt: skip


def test_signs_of_markup_are_plain_words(reader, words, made):
    assert reader.metadata.title == 'A "title" – with #hash, $5, @name, tag & [party popper] for 华为'
    assert made.notes == ("🎉 is printed as [party popper]",)
    for expected in ("5 < 6", "= not a heading", "b < c & d", "麒麟", "中芯国际", "The note’s text", "it’s “quoted”", "注释"):
        assert expected in words, expected


def test_what_is_shown_and_what_is_not(words):
    for expected in ("red 100% done"[4:], "shown_code()", "bold output", "levels a, b", "CC BY", "Cite as"):
        assert expected in words, expected
    for absent in ("secret_code", "never printed", "a warning", "repr of a frame", "\x1b", "<Figure", "Figure 7"):
        assert absent not in words, absent


def test_the_longest_words_are_whole(words):
    assert words.replace(" ", "").count(LONG) == 2


def test_nothing_runs_off_the_page(reader):
    for number, page in enumerate(reader.pages, 1):
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        spots = []

        def note(text, cm, tm, font, size, spots=spots):
            if text.strip():
                x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                spots.append((x, y, x + 0.3 * len(text.strip()) * abs(size * cm[0] * tm[0])))

        page.extract_text(visitor_text=note)
        assert spots
        for left, below, right in spots:
            assert left > 50, number
            assert right < width - 50, number
            assert 20 < below < height - 15, number


@pytest.mark.parametrize("count", [1, 3, 8, 16, 40])
def test_columns_keep_to_the_page(count):
    columns = [Column(True, 6.0, 8.0, -1.0, "") for _ in range(count)]
    _, room, widths = layout(columns)
    assert sum(widths) <= room + 1e-6
    assert count < 8 or sum(widths) > 0.99 * room


def test_a_terminal_would_show_the_same():
    assert plain("\x1b[1;31mred\x1b[0m\n10%\r20%\r\n\x1b]0;title\x07end\n") == "red\n20%\nend"


def test_code_is_shown_on_request(source, tmp_path):
    made = publish_notebook(source, tmp_path / "with-code.pdf", code=True)
    assert "secret_code()" in "".join(page.extract_text() for page in PdfReader(made.path).pages)


@pytest.mark.parametrize("suffix", [".html", ".docx"])
def test_other_forms_follow_the_suffix(source, tmp_path, suffix):
    first = publish_notebook(source, tmp_path / f"a{suffix}").path.read_bytes()
    assert publish_notebook(source, tmp_path / f"b{suffix}").path.read_bytes() == first
    if suffix == ".html":
        page = first.decode()
        assert 'alt="A blue band, described by the desk"' in page
        assert "secret_code" not in page
        assert "<math" in page
        assert not re.search(r'(?:src|href)="https?://', page)


def test_a_notebook_without_outputs_is_run(tmp_path):
    path = write(tmp_path / "fresh.ipynb", text_cell("# Fresh"), code_cell("print(6 * 7)"))
    made = publish_notebook(path)
    assert made.executed
    assert "42" in PdfReader(made.path).pages[0].extract_text()


def test_parameters_are_passed_and_listed(tmp_path):
    path = write(
        tmp_path / "asked.ipynb", text_cell("# Asked"), code_cell("year = 2028\nname = 'x'", tags=["parameters"]),
        code_cell("print(name, year + 1)", stream("old")),
    )  # fmt: skip
    page = PdfReader(publish_notebook(path, None, ["year=2030", "name=7"]).path).pages[0].extract_text()
    assert "7 2031" in page
    assert "old" not in page
    assert re.search(r"year\s+2030", page)


def refused(match, path, *args, **more):
    with pytest.raises(BadInput, match=match) as told:
        publish_notebook(path, *args, **more)
    assert not list(path.parent.glob("*.pdf"))
    return str(told.value)


def test_mistakes_are_told_in_plain_words(tmp_path):
    refused("no such file", tmp_path / "missing.ipynb")
    (tmp_path / "cut.ipynb").write_text('{"cells": [')
    refused("cannot be read", tmp_path / "cut.ipynb")
    fails = write(tmp_path / "fails.ipynb", text_cell("# F"), code_cell("1 / 0"))
    assert "ZeroDivisionError" in refused("did not run to its end", fails)
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}
    failed = write(tmp_path / "failed.ipynb", text_cell("# F"), code_cell("d['x']", error))
    assert "cell 2" in refused("ended with an error", failed)
    blind = write(tmp_path / "blind.ipynb", text_cell("# B"), code_cell("plot()", shown(image_png=png())))
    assert "cell 2" in refused("no words", blind)
    lost = write(tmp_path / "lost.ipynb", text_cell("# L\n\n![words](nowhere.png)"))
    refused("cannot be found", lost)
    far = write(tmp_path / "far.ipynb", text_cell("# L\n\n![words](https://example.org/a.png)"))
    refused("asks no network", far)
    hebrew = write(tmp_path / "hebrew.ipynb", text_cell("# L\n\nשלום"))
    assert "cell 1" in refused("no such letter", hebrew)
    refused("ends in .pdf", lost, tmp_path / "a.txt")
    refused("cannot be read", fails, None, ["=3"])
    asked = write(tmp_path / "asked.ipynb", code_cell("year = 2028", tags=["parameters"]))
    refused("no such parameter", asked, None, ["yaer=3"])
    refused("wrong type", asked, None, ["year=soon"])


def test_without_pandoc_a_sentence_says_what_to_install(source, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(BadInput, match="pypandoc_binary"):
        publish_notebook(source, tmp_path / "x.pdf")


def test_the_command_says_what_it_wrote(source, tmp_path):
    command = [
        sys.executable,
        "-c",
        "from forecast.cli import main; main()",
        "publish",
        str(source),
        "--out",
        str(tmp_path / "o.pdf"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "as it is, with its outputs" in done.stdout
    assert "party popper" in done.stdout
    assert (tmp_path / "o.pdf").is_file()
