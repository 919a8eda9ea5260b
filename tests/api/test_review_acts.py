"""A near-copy beside what it copies, as a person sees it."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ingest.store import tokens
from ingest.store.transactions import writing
from tests.api.visitor import is_accessible, look, person, seal_of, submit, token, visitor
from tests.review.test_correct import put, record, story
from tests.review.test_links import EDITED, report
from tests.stores import only_on

__all__ = ["person", "token", "visitor"]


@only_on("sqlite")
def test_a_link_is_seen_broken_and_made_again(person: TestClient, engine: Engine) -> None:
    first, copy = put(engine, report()), put(engine, EDITED)
    link = look(person, f"/review/dumps/{copy}").css_first("article a[href$='/link']").attributes["href"]
    page = look(person, str(link))
    mine, theirs = page.css("article")
    assert "mayor of a neighbouring town" not in "".join(mark.text() for mark in mine.css("mark"))
    assert [mark.text().rstrip(".") for mark in theirs.css("mark")] == [
        p.text().rstrip(".") for p in theirs.css("p")
    ]
    other = record(engine, first)["document_id"]
    broken = submit(person, str(link), other=other, word="different")
    assert is_accessible(broken)
    assert "unique" in broken.css_first("main p").text()
    assert look(person, f"/review/dumps/{copy}").css_first("article a[href*='/link?with=']")
    again = person.post(str(link), data={"seal": seal_of(person), "other": other, "word": "different"})
    assert (again.status_code, "not linked" in again.text) == (400, True)
    undone = submit(person, str(broken.css_first("ul.list form").attributes["action"]))
    assert "near-copy" in undone.css_first("main p").text()
    assert "taken back" in undone.css_first("ul.list").text()
    confirmed = submit(person, str(link), other=other, word="copy")
    assert len(confirmed.css("ul.list li")) == 2


@only_on("sqlite")
def test_what_is_not_there_is_told(person: TestClient, engine: Engine) -> None:
    alone = record(engine, put(engine, story(1)))["document_id"]
    for path in (f"documents/{alone}/link", "documents/x/link", "nothing/here", "dead/x"):
        assert look(person, f"/review/{path}", 404).css_first("[role=alert]")
    assert "here no more" in look(person, f"/review/documents/{alone}/link?with=x").css_first("main").text()


@only_on("sqlite")
def test_stories_are_split_and_that_is_undone(person: TestClient, engine: Engine) -> None:
    dump_id = put(engine, story(1) + b"\n\n" + report())
    page = look(person, f"/review/dumps/{dump_id}")
    [opener] = [li for li in page.css("ol.page li") if "Flood reaches" in li.text()]
    form = look(person, str(opener.css_first("a").attributes["href"])).css_first("form[action$=recut]")
    fields = {name: form.css_first(f"[name={name}]").attributes["value"] for name in ("start", "end", "kind")}
    shown = submit(person, f"/review/dumps/{dump_id}/recut", **fields)
    assert is_accessible(shown)
    assert [h2.text() for h2 in shown.css("h2")] == ["Now: 1 story", "Then: 2 stories"]
    split = submit(person, str(shown.css_first("main form").attributes["action"]), **fields)
    assert "Story 2 opens here" in split.css_first("ol.page").text()
    assert "2 articles" in split.css_first("#articles-title").text()
    undone = submit(person, str(split.css_first("ul.list form").attributes["action"]))
    assert "1 article" in undone.css_first("#articles-title").text()
    none = submit(person, f"/review/dumps/{dump_id}/recut", **{**fields, "kind": "continues-story"})
    assert "changes no story" in none.css_first("[role=status]").text()


@only_on("sqlite")
def test_a_page_is_added_by_those_who_may(person: TestClient, engine: Engine) -> None:
    def send(payload: bytes, seal: str, **fields: str) -> tuple[int, str]:
        answer = person.post(
            "/review/push", data={"seal": seal, **fields}, files={"file": ("a.txt", payload)}
        )
        return answer.status_code, answer.text

    assert not look(person, "/review/push").css("main form")
    assert "may not push" in send(b"text", seal_of(person))[1]
    with writing(engine) as connection:
        token = tokens.create(connection, ["review", "push"])
    person.post("/review/sign-in", data={"token": token})
    assert look(person, "/review/push").css("main form [type=file]")
    status, text = send(b"The bridge is closed.", seal_of(person), source="wire", url="https://example.org/a")
    assert (status, "it is queued" in text, "example.org/a" in text) == (200, True, True)
    for wrong, status in (
        (send(b"text", "x"), 400),
        (send(b"", seal_of(person)), 400),
        (send(b"text", seal_of(person), url="javascript:alert(1)"), 422),
        (send(b"text", seal_of(person), sourse="wire"), 422),
        (send(b"x" * 100_001, seal_of(person)), 413),
        (send(b"x" * 1_200_000, seal_of(person)), 413),
    ):
        assert (wrong[0], 'role="alert"' in wrong[1]) == (status, True), wrong
    assert person.post("/review/push", data={"seal": seal_of(person)}).status_code == 400
    across = person.post("/review/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert "another site" in across.text
