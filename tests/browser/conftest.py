"""JupyterLab and the explorer's page on a copy of the project, and Debian's chromium. Skips, saying why, where it is missing."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next((path for path in ("/usr/bin/chromium", shutil.which("chromium")) if path and Path(path).exists()), None)
SHOTS = ROOT / "reports" / "runs" / "browser"
"""Screenshots of the last run, ignored by version control."""


def missing():
    """What a browser test lacks here, as one sentence; nothing where it lacks nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: it is in the lock file"
    return None if CHROMIUM else "no chromium here: with it (apt-get install chromium) notebooks are tested in a browser as well"


def pytest_collection_modifyitems(items):
    why = missing()
    for item in items if why else []:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A copy of the project for servers to work in."""
    copy = tmp_path_factory.mktemp("desk")
    for name in ("params", "notebooks"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "reports" / "template", copy / "reports" / "template")
    return copy


@pytest.fixture(scope="session")
def serve(folder, tmp_path_factory):
    """Starts `forecast WORDS` and gives the address with its token; all servers end with the session."""
    started = []

    def serve(*words):
        log = tmp_path_factory.mktemp("log") / "server.txt"
        code = "from forecast.cli import main; main()"
        env = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_CONFIG_DIR": str(log.parent), "PYTHONUNBUFFERED": "1"}
        with log.open("w") as out:
            root = ["--allow-root"] if words[0] == "lab" and os.geteuid() == 0 else []
            command = [sys.executable, "-c", code, *words, "--no-browser", *root]
            started.append(subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True))
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if found := re.search(r"http://(?:127\.0\.0\.1|localhost):\d+/\S*token=\w+", log.read_text()):
                return found[0]
            assert started[-1].poll() is None, log.read_text()
            time.sleep(0.2)
        raise AssertionError(log.read_text())

    yield serve
    for process in [each for each in started if each.poll() is None]:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, headless=True, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, request):
    """A fresh page of a fresh profile, which notes every request that leaves this machine."""
    context = browser.new_context(viewport={"width": 1400, "height": 2200})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.strangers = []
    local = re.compile(r"^(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|^(data|blob|about):")
    page.on("request", lambda sent: None if local.match(sent.url) else page.strangers.append(sent))
    yield page
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{request.node.name[:40]}.png")
    context.close()


@pytest.fixture
def shot(page):
    """Keeps a screenshot under a name."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return lambda name: page.screenshot(path=SHOTS / f"{name}.png", full_page=False)
