"""A person at the review page, in a real browser."""

from __future__ import annotations

import time
from itertools import product
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, Request, ViewportSize

from tests.patience import PATIENCE
from tests.workers.service import ROOT

SEEDS = ROOT / "seeds"
PICTURES = ROOT / "build" / "screenshots"  # of the last run
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "phone": {"width": 375, "height": 740},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_VIOLATIONS = {"resultTypes": ["violations"]}  # what is well need not be told
_SERIOUS = ("serious", "critical")


class Person:
    """Whatever a page asks of the world or says in a box is written down."""

    def __init__(self, browser: Browser, address: str, token: str) -> None:
        self.address, self._axe = address, Axe()
        self.dialogs: list[str] = []
        self.elsewhere: list[str] = []
        self.faults: list[str] = []
        self.page: Page = browser.new_context(viewport=SIZES["wide"], color_scheme="light").new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("dialog", self._note_dialog)
        self.page.on("request", self._note_request)
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.open("/review")
        self.page.get_by_label("Token").fill(token)
        self.press("Sign in")
        self.page.wait_for_url("**/review")  # or the next navigation would overtake this one

    def open(self, path: str) -> None:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status < 500, self.page.content()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()

    def follow(self, link: str) -> None:
        self.page.get_by_role("link", name=link).first.click()

    def add(self, name: str, payload: bytes, source: str = "observer", kind: str = "text/plain") -> str:
        """Push a page through the page, and wait until it is cleaned or dead.  -> its address."""
        self.open("/review/push")
        self.page.get_by_label("File").set_input_files({"name": name, "mimeType": kind, "buffer": payload})
        self.page.get_by_label("Source").fill(source)
        self.press("Clean it")
        end = time.monotonic() + PATIENCE
        while self.fact("State").split(":")[0] not in ("done", "dead"):
            assert time.monotonic() < end, self.page.content()
            self.page.reload()
        return self.page.url.removeprefix(self.address)

    def fact(self, name: str) -> str:
        """What the dump's page says of it."""
        return self.page.locator(f"dt:text-is('{name}') + dd").inner_text()

    def faults_of(self, path: str) -> list[str]:
        """What axe finds serious, wide and narrow, light and dark.  A page that came of a form is looked at as it is."""
        found = []
        for (name, size), scheme in product(SIZES.items(), SCHEMES):
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            if self.page.url.removeprefix(self.address) != path:
                self.open(path)
            for violation in self._axe.run(self.page, options=_VIOLATIONS).response["violations"]:
                if violation["impact"] in _SERIOUS:
                    nodes = [node["html"][:200] for node in violation["nodes"]]
                    found.append(f"{path} ({name}, {scheme}): {violation['id']}: {nodes}")
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path} ({name}, {scheme}): wider than the window")
        self.picture(path)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(SIZES["wide"])
        return found

    def picture(self, name: str) -> Path:
        """A screenshot, kept."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name.strip('/').replace('/', '-').replace('?', '-')[:60]}.png"
        self.page.screenshot(path=path)
        return path

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.elsewhere.append(request.url)
