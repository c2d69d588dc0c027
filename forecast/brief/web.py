"""What a web page carries within itself: the data of its figures and tables, and its fonts, Chinese only so far as it is used."""

import base64
import io
import re
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from forecast.figures import template_folder

LARGEST_FILE = 500_000
"""Files of figures and tables up to this size travel inside the page [bytes]."""
HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Chinese characters and their full-width marks."""


def embedded(figures_folder: Path, words: str) -> dict[str, str]:
    """Files as addresses that hold the whole of them: tables by name, fonts by file name; large tables are left out."""
    held = {
        path.stem: _address("text/csv", path.read_bytes())
        for path in sorted(figures_folder.glob("*.csv"))
        if path.stat().st_size <= LARGEST_FILE
    }
    fonts = template_folder() / "fonts"
    held |= {path.name: _address("font/woff2", path.read_bytes()) for path in sorted(fonts.glob("*.woff2"))}
    return held | {"chinese.otf": _address("font/otf", cut(fonts / "NotoSansCJKsc-Subset.otf", set(HAN.findall(words))))}


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def cut(font: Path, characters: set[str]) -> bytes:
    """A font with the glyphs of these characters alone; equal characters give equal bytes."""
    options = Options(layout_features=[], name_IDs=[0, 1, 2, 13, 14], notdef_outline=True)
    with TTFont(font, recalcTimestamp=False) as opened:
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(sorted(characters)))
        subsetter.subset(opened)
        made = io.BytesIO()
        opened.save(made)
    return made.getvalue()
