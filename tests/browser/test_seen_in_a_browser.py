"""What an analyst sees: a notebook opened, edited and run in JupyterLab, a mistake in a box, the explorer that answers."""

import itertools

import pytest

pytestmark = pytest.mark.slow


def _wait(page, script, seconds=150):
    page.wait_for_function(script, timeout=seconds * 1000, polling=200)


def _open(page, address, notebook):
    """A notebook in JupyterLab with its kernel started and idle: cells run before that ask which kernel is wanted."""
    assert "/notebooks/00_start_here.ipynb?" in address
    place = address.replace("00_start_here", notebook) + "&reset"
    with page.expect_response(lambda told: "/api/sessions" in told.url and told.request.method == "POST"):
        page.goto(place)
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for(timeout=90_000)
    page.wait_for_timeout(2000)


def _write_parameters(page, text):
    """Replace what stands in the parameters cell, and see that it stands there."""
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    assert cell.inner_text().strip() == text


def _run_all(page):
    """All cells by the menu, then back to the top: JupyterLab keeps only what is in view on the page."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_timeout(1500)
    _to(page, 0)


def _to(page, top):
    page.locator(".jp-WindowedPanel-outer").first.evaluate(f"panel => panel.scrollTo(0, {top})")


@pytest.fixture(scope="module")
def lab(serve):
    return serve("lab")


def test_the_parameters_cell_is_edited_and_the_whole_notebook_runs_to_its_chart(lab, page, shot):
    _open(page, lab, "30_run_scenario")
    _write_parameters(page, 'scenario: str = "smoke"\ndraws: int = 32\nrun_folder: str = ""')
    _run_all(page)
    _wait(page, "document.querySelectorAll('.jp-OutputArea-output img[alt]').length > 0")
    page.locator(".jp-OutputArea-output img[alt]").first.scroll_into_view_if_needed()
    shot("lab-chart")
    assert page.locator(".Toastify__toast").count() == 0
    picture = page.locator(".jp-OutputArea-output img[alt]").first
    assert len(picture.get_attribute("alt")) > 80
    assert picture.evaluate("image => image.naturalWidth") > 100
    page.locator("[data-status='idle']").first.wait_for(timeout=120_000)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert "smoke" in page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.inner_text()


def test_a_mistake_is_one_box_without_a_traceback(lab, page, shot):
    _open(page, lab, "40_compare_regimes")
    _write_parameters(
        page, 'scenario: str = "smook"\ndraws: int = 32\nrun_folder: str = ""\ngpu_class: str = "b30a"\nyear: int = 2028'
    )
    _run_all(page)
    page.locator(".jp-OutputArea-output [role=alert]").first.wait_for(timeout=150_000)
    shot("lab-mistake")
    assert page.locator(".jp-OutputArea-output [role=alert]").count() == 1
    assert "did you mean 'smoke'?" in page.locator(".jp-OutputArea-output [role=alert]").inner_text()
    seen = page.locator(".jp-OutputArea").all_inner_texts()
    assert not [text for text in seen if "Traceback" in text or 'File "' in text]
    assert any("%tb" in text for text in seen)


def _move(page, name):
    """Move the slider of a lever by keys alone; gives back whether it had the focus."""
    label = page.locator(".widget-inline-hbox, .widget-hslider", has=page.get_by_text(name, exact=True)).first
    handle = label.locator(".noUi-handle")
    handle.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    return handle.evaluate("handle => document.activeElement === handle")


REACHED = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  return [at.getAttribute('aria-label') || (at.labels && at.labels[0] && at.labels[0].innerText) || at.innerText, box.x, box.y];
}"""


def _every_control_has_a_name_in_the_order_of_the_page(page):
    """Tab goes from control to control down the left side, and each says what it is."""
    page.wait_for_function("document.querySelectorAll('.noUi-handle[aria-label]').length > 10")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    assert all(name and name.strip() for name, _, _ in reached), reached
    assert {"levers move from", "diversion", "tool sales"} <= {name for name, _, _ in reached}
    left = [y for _, x, y in reached if x < 400]
    assert all(below >= above - 20 for above, below in itertools.pairwise(left)), reached


def _chart(page):
    return page.locator("img[alt*='Difference draw by draw']")


def test_a_lever_moved_by_keys_changes_the_figure_in_the_lab(lab, page, shot):
    _open(page, lab, "80_explorer")
    _write_parameters(page, 'scenario: str = "smoke"')
    _run_all(page)
    _chart(page).wait_for(timeout=120_000)
    before = _chart(page).get_attribute("alt")
    shot("lab-explorer-before")
    assert _move(page, "diversion")
    _wait(page, f"document.querySelector('img[alt*=\"Difference\"]').alt !== {before!r}")
    shot("lab-explorer-after")
    assert "Difference draw by draw: −" in _chart(page).get_attribute("alt")
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0


def test_the_explorer_stands_alone_without_code_and_asks_nobody_outside(serve, page, shot, folder):
    address = serve("explore")
    page.goto(address)
    _chart(page).wait_for(timeout=120_000)
    assert page.locator(".jp-InputArea-editor, .CodeMirror, .cm-content").count() == 0
    _every_control_has_a_name_in_the_order_of_the_page(page)
    before = _chart(page).get_attribute("alt")
    assert _move(page, "diversion")
    _wait(page, f"document.querySelector('img[alt*=\"Difference\"]').alt !== {before!r}")
    for label, text in (("name", "from-the-page"), ("by", "A. Analyst"), ("why", "Enforcement is stronger than we think")):
        page.get_by_label(label, exact=True).fill(text)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Save as scenario").click()
    page.get_by_text("Written:").wait_for()
    shot("page-explorer")
    text = (folder / "params" / "scenarios" / "from-the-page.yaml").read_text()
    assert "lever: diversion" in text
    assert "draws:" not in text
    page.get_by_role("button", name="Reset").click()
    _wait(page, f"document.querySelector('img[alt*=\"Difference\"]').alt === {before!r}")
    assert [request.url for request in page.strangers if request.failure != "csp"] == []
