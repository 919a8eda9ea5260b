"""What a person does at the review page, from the first look to taking everything back, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pytest
from playwright.sync_api import expect

from ingest.pipeline import clean
from tests.api.test_review import HOSTILE
from tests.browser.person import SEEDS, Person
from tests.review.test_correct import story
from tests.review.test_links import report

pytestmark = pytest.mark.browser

TIMED = next(path for path in sorted(SEEDS.glob("*.txt")) if b"2 min read" in path.read_bytes())
MIXED = next(path for path in sorted(SEEDS.glob("*.txt")) if len(clean(path.read_bytes()).articles) == 2)
MORE = b"The mayor of a neighbouring town sent thirty boats at noon, and most of them came back empty."
BINARY = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@pytest.fixture(autouse=True)
def _nothing_happens_by_itself(person: Person) -> Iterator[None]:
    """No script ran, nothing was asked of anybody else, the policy forbade nothing that the page wants."""
    yield
    assert (person.dialogs, person.elsewhere, person.faults) == ([], [], [])


def test_a_removed_line_is_restored_for_the_site_and_taken_back(person: Person) -> None:
    page = person.page
    dump = person.add(TIMED.name, TIMED.read_bytes())
    removed = page.locator("ol.page li.r-reading-time")
    expect(removed.locator("del")).to_have_text("2 min read")
    expect(page.locator("article")).not_to_contain_text("2 min read")
    person.picture("dump")
    removed.get_by_role("link").click()
    page.get_by_label("What it is").select_option("paragraph")
    page.get_by_label("Always on this site").check()
    person.press("Preview on the site")
    expect(page.locator("section ins")).to_have_text("2 min read")
    person.picture("preview")
    person.press("Save")
    expect(page.locator("article")).to_contain_text("2 min read")
    person.open("/review/source?name=observer")
    expect(page.get_by_role("main")).to_contain_text("kept, says a person")
    person.open(dump)
    person.press("Undo")
    expect(page.locator("article")).not_to_contain_text("2 min read")
    expect(page.locator("ol.page li.r-reading-time")).to_be_visible()


def test_stories_are_joined_and_split_again(person: Person) -> None:
    page = person.page
    person.add(MIXED.name, MIXED.read_bytes())
    expect(page.locator("article")).to_have_count(2)
    opens = page.locator("ol.page li", has=page.locator(".opens"))
    expect(opens).to_contain_text("Story 2 opens here")
    opens.get_by_role("link").click()
    person.press("See it joined")
    expect(page.get_by_role("heading", name="Then: 1 story")).to_be_visible()
    person.press("Join them so")
    expect(page.locator("article")).to_have_count(1)
    person.press("Undo")
    expect(page.locator("article")).to_have_count(2)
    person.add("one.txt", story(1) + b"\n\n" + report())
    expect(page.locator("article")).to_have_count(1)
    page.locator("ol.page li", has_text="Flood reaches").get_by_role("link").click()
    person.press("See the dump with a further story")
    expect(page.get_by_role("heading", name="Then: 2 stories")).to_be_visible()
    person.picture("split")
    person.press("Split them so")
    expect(page.locator("article")).to_have_count(2)
    person.press("Undo")
    expect(page.locator("article")).to_have_count(1)


def test_a_near_copy_is_seen_beside_its_original_and_the_link_broken(person: Person) -> None:
    page = person.page
    person.add(TIMED.name, TIMED.read_bytes())
    person.add("edited.txt", TIMED.read_bytes() + b"\n\n" + MORE)
    person.follow("see both side by side")
    expect(page.locator("article").first.locator("mark").first).to_be_visible()
    person.picture("link")
    person.press("No copy")
    expect(page.get_by_role("main")).to_contain_text("The first is unique")
    person.press("Undo")
    expect(page.get_by_role("main")).to_contain_text("near-copy")
    person.press("A copy: confirm it")
    expect(page.get_by_role("list").first).to_contain_text("a copy")


def test_a_dead_dump_is_tried_again(person: Person) -> None:
    dump = person.add("picture.png", BINARY, kind="application/octet-stream")
    assert person.fact("State").startswith("dead: binary")
    person.follow("Dead")
    person.press("Try again")
    expect(person.page.get_by_role("status")).to_contain_text(dump.rpartition("/")[2][:12])


def test_search_by_keyboard_alone(person: Person) -> None:
    page = person.page
    person.add("story.txt", story(7))
    person.open("/review")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    person.open("/review")
    for _ in range(3):  # past the skip link and the overview
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Search")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    expect(page.get_by_label("Words")).to_be_focused()  # the page gives it the focus a moment after its load
    page.keyboard.type('council "town 7"')
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Council number 7")
    person.picture("search")


def test_a_hostile_dump_is_text(person: Person) -> None:
    page = person.page
    hostile = f"{HOSTILE}\u202e\u2066<style>*{{display:none}}</style><svg onload=alert(3)>javascript:alert(4)"
    paragraphs = [f"A bridge {hostile}", hostile, *story(3).decode().split("\n\n"), hostile]
    source = '<b onclick="alert(6)">&'
    flat = person.add('<img src=x onerror=alert(5)>".txt', "\n\n".join(paragraphs).encode(), source)
    expect(page.locator("ol.page")).to_contain_text("<script>alert(1)</script>")
    escaped = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    marked_up = f"<html><body onload=alert(8)><h1>A bridge</h1>{hostile}{escaped}</body></html>"
    html = person.add("a.html", marked_up.encode(), source, kind="text/html")
    expect(page.locator("ol.page")).to_contain_text("<script>alert(1)</script>")
    for path in (
        flat,
        html,
        "/review/sources",
        "/review/source?name=%3Cb+onclick%3D%22alert%286%29%22%3E%26",
        "/review/search?q=%22%3E%3Cscript%3Ealert(7)%3C%2Fscript%3E",
        "/review/dead",
        "/review",
    ):
        person.open(path)
        assert page.locator("script, style, main img, [onclick], [onload], [onerror]").count() == 0
        assert "\u202e" not in page.locator("body").inner_text()


def test_axe_finds_nothing_serious(person: Person) -> None:
    page = person.page

    def here() -> str:
        return page.url.removeprefix(person.address)

    person.add(TIMED.name, TIMED.read_bytes())
    dump = person.add("edited.txt", TIMED.read_bytes() + b"\n\n" + MORE)
    link = page.locator("article a[href*='/link']").first.get_attribute("href")
    assert link
    page.locator("ol.page li a").first.click()
    page.wait_for_url("**/correct?*")
    faults = person.faults_of(here())
    page.get_by_label("Always on this site").check()
    person.press("Preview on the site")
    page.wait_for_url("**/preview")
    faults += person.faults_of(here())
    person.press("See the dump with a further story")
    page.wait_for_url("**/recut")
    faults += person.faults_of(here())
    for path in (
        "/review",
        dump,
        link,
        "/review/dead",
        "/review/sources",
        "/review/source?name=observer",
        "/review/search?q=council",
        "/review/search?q=-council",
        "/review/push",
        "/review/nothing",
    ):
        faults += person.faults_of(path)
    person.press("Sign out")  # so this test is the last
    page.wait_for_url("**/sign-in")
    faults += person.faults_of("/review/sign-in")
    person.faults.clear()  # the browser's word on the page that is not there
    assert faults == []
