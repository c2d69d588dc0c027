"""Completion and live errors in a scenario's file in JupyterLab, where the optional language server is set up."""

from pathlib import Path

import pytest

from forecast import editor
from forecast.authoring import MODELINE

ROOT = Path(__file__).parents[2]
WHY = editor.lacking(ROOT)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(WHY is not None, reason=f"the optional editor: {WHY}")]


@pytest.fixture(scope="module")
def lab(serve, folder):
    (folder / editor.FOLDER).symlink_to((ROOT / editor.FOLDER).resolve(), target_is_directory=True)
    text = MODELINE + "name: mine\nextends: baseline\ntitle: What if it is so?\ndrawz: 512\n"
    (folder / "params" / "scenarios" / "mine.yaml").write_text(text, encoding="utf-8")
    return serve("lab")


def test_a_wrong_key_is_underlined_and_the_right_one_is_offered(lab, page, shot):
    page.goto(lab.replace("notebooks/00_start_here.ipynb", "params/scenarios/mine.yaml") + "&reset")
    text = page.locator(".jp-FileEditor .cm-content").first
    text.wait_for()
    page.locator(".cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange").first.wait_for(timeout=60_000)
    shot("editor-error")
    marked = page.locator(".cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange").first.inner_text()
    assert "drawz" in marked
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("regi")
    page.keyboard.press("Tab")
    page.locator(".jp-Completer-item, .jp-Completer").first.wait_for(timeout=30_000)
    page.wait_for_timeout(1000)
    shot("editor-completion")
    assert "regimes" in page.locator(".jp-Completer").first.inner_text()
    assert [sent.url for sent in page.strangers if sent.failure != "csp"] == []
