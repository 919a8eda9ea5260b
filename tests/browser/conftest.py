"""One Chromium and one running service for all tests of the page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.person import Person
from tests.patience import PATIENCE
from tests.up.service import Up

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# What a browser looks up by itself, nobody here answers.
_QUIET = ["--no-first-run", "--disable-quic", "--disable-sync", "--disable-component-update", "--disable-gpu"]


def chromium() -> str | None:
    """The system's Chromium; Playwright's own would be fetched from elsewhere."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or (str(_ON_MACOS) if _ON_MACOS.exists() else None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on the PATH: install it (apt-get install chromium) to test the page in it")
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def person(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Signed in with the first token, at `ingest up` with the real pipeline."""
    up = Up(tmp_path_factory.mktemp("browser"))
    up.env["INGEST_QUEUE__CLEANER"] = "ingest.pipeline:clean"
    up.env["INGEST_WORKERS"] = "1"
    try:
        up.start()
        up.until(lambda: "admin token" in up.log)
        [token] = re.findall(r"ingest_[0-9a-f]{12}_[0-9a-f]{64}", up.log)
        [address] = set(re.findall(r"http://127\.0\.0\.1:\d+", up.log))
        yield Person(browser, address, token)
    finally:
        up.close()
