"""The review page as a browser without scripts meets it: its HTML, its forms and its headers."""

from __future__ import annotations

import json
from html import escape

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ingest.api.review.session import COOKIE
from ingest.errors import UnusableDump
from ingest.store import crawls, ledger, payloads, records, sources, tokens
from ingest.store.transactions import reading, writing
from tests.api.visitor import is_accessible, look, person, seal_of, submit, token, visitor
from tests.review.test_correct import put, record, story
from tests.store.test_payloads import dump
from tests.stores import only_on

__all__ = ["person", "token", "visitor"]

HOSTILE = (
    "<script>alert(1)</script> the bridge \u202e is <img src=x onerror=alert(2)> closed \x1b[31m for the people of "
    "the town who met there every day & said \"so\" and 'so'."
)


def test_it_is_for_people_with_the_scope(visitor: TestClient, engine: Engine, token: str) -> None:
    with writing(engine) as connection:
        reader, old = tokens.create(connection, ["read"]), tokens.create(connection, ["review"])
        tokens.revoke(connection, old.split("_")[1])
    for path in ("/review", "/review/dead?before=", "/review/search?q=a", "/review/corrections.jsonl"):
        answer = visitor.get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/review/sign-in")
    for wrong in (reader, old, "x", ""):
        assert visitor.post("/review/sign-in", data={"token": wrong}).status_code in (403, 422)
    assert COOKIE not in visitor.cookies
    for elsewhere in ("https://evil.example/", "//evil.example", "/reviewed", "/review/../v1"):
        answer = visitor.post(
            "/review/sign-in", data={"token": token, "next": elsewhere}, follow_redirects=False
        )
        assert answer.headers["location"] in ("/review", "/review/../v1")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/review"))
    submit(visitor, "/review/sign-out")
    assert visitor.get("/review", follow_redirects=False).status_code == 303


def test_a_form_from_elsewhere_does_nothing(person: TestClient, engine: Engine) -> None:
    dump_id = put(engine, story(1))
    with reading(engine) as connection:
        [before] = records.records_of(connection, [dump_id])
    wish = {"start": "0", "end": "10", "kind": "boilerplate", "reason": "other"}
    for seal in ("", "x", "ü" * 90, seal_of(person)[:-1] + "!"):
        for path in (
            f"dumps/{dump_id}/correct",
            "corrections/1/undo",
            f"dead/{dump_id}/retry",
            "source/again",
            "sign-out",
        ):
            answer = person.post(f"/review/{path}", data={"seal": seal, "name": "wire", **wish})
            assert answer.status_code == 400
    assert record(engine, dump_id) == before
    assert person.post("/review/sign-out", data={"seal": "x" * 200_000}).status_code == 413


def test_the_overview_counts(visitor: TestClient, engine: Engine, token: str) -> None:
    put(engine, story(1) + b"\n\nYour Comment\n")
    put(engine, story(2), "other")
    visitor.post("/review/sign-in", data={"token": token})
    page = look(visitor, "/review")
    said = page.css_first("main").text()
    assert "comment-form" in said
    assert "wire" in said
    assert page.css("svg.bar rect")


@only_on("sqlite")
def test_correct_preview_and_undo(person: TestClient, engine: Engine) -> None:
    ids = [put(engine, story(n) + b"\n\nYour Comment\n") for n in range(2)]
    page = look(person, f"/review/dumps/{ids[0]}")
    [removed] = [li for li in page.css("ol.page li") if "Your Comment" in li.text()]
    assert removed.css_first("del").text() == "Your Comment"
    assert removed.attributes["class"] == "r-comment-form"
    assert "Council number 0" in page.css_first("article h3").text()
    link = removed.css_first("a").attributes["href"]
    form = look(person, str(link))
    assert form.css_first("select[name=kind] option[selected]").attributes["value"] == "paragraph"
    start, end = (form.css_first(f"[name={name}]").attributes["value"] for name in ("start", "end"))
    fields = {"start": start, "end": end, "kind": "paragraph", "reason": "other", "everywhere": "true"}
    shown = submit(person, f"/review/dumps/{ids[0]}/preview", **fields)
    assert is_accessible(shown)
    assert "2 of the newest 2 dumps" in shown.css_first("section h2").text()
    assert [ins.text() for ins in shown.css("ins")] == ["Your Comment"] * 2
    first = submit(person, f"/review/dumps/{ids[0]}/correct", **fields)  # nobody saves a rule unseen
    assert first.css("ins")
    assert "Your Comment" not in record(engine, ids[0])["text"]
    seen = shown.css_first("[name=seen]").attributes["value"]
    changed = submit(person, f"/review/dumps/{ids[0]}/correct", **fields, seen=seen)
    assert "Your Comment" in changed.css_first("article").text()
    assert "Your Comment" in record(engine, ids[0])["text"]
    site = look(person, "/review/source?name=wire")
    assert "kept, says a person" in site.css_first("main").text()
    sent = submit(person, "/review/source/again", name="wire")
    assert "1 dumps are on the queue" in sent.css_first(".done").text()
    [line] = person.get("/review/corrections.jsonl").text.splitlines()
    row = json.loads(line)
    assert [(s["text"], s["kind"]) for s in row["spans"] if s["corrected"]] == [("Your Comment", "paragraph")]
    undone = submit(person, str(changed.css_first("ul.list form").attributes["action"]))
    assert "Your Comment" not in undone.css_first("article").text()
    assert "undone" in undone.css_first("ul.list").text()


def test_the_dead_are_tried_again(person: TestClient, engine: Engine) -> None:
    one = dump(HOSTILE.encode(), source="wire")
    with writing(engine) as connection:
        payloads.receive(connection, [one])
        ledger.bury(connection, one.dump_id, UnusableDump("binary", HOSTILE), "1")
    page = look(person, "/review/dead")
    assert "<script>" in page.css_first("li p").text()
    again = submit(person, str(page.css_first("li form").attributes["action"]))
    assert one.dump_id[:12] in again.css_first(".done").text()
    assert look(person, f"/review/dumps/{one.dump_id}").css_first(".facts dd").text().startswith("queued")


def test_hostile_text_is_text(person: TestClient, engine: Engine) -> None:
    paragraphs = [escape(HOSTILE), *story(1).decode().split("\n\n")]
    payload = "<html><body><h1>A bridge</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
    dump_id = put(engine, payload.encode(), '<b onclick="x">&')
    for path in (
        f"/review/dumps/{dump_id}",
        "/review/sources",
        "/review/source?name=%3Cb%20onclick%3D%22x%22%3E%26",
        "/review/search?q=%3Cscript%3Ealert",
        "/review/search?q=%22%3E%3Cscript%3E",
    ):
        page = look(person, path)
        assert "\x1b" not in page.css_first("main").text()
    assert "alert(1)" in look(person, f"/review/dumps/{dump_id}").css_first("main").text()


def test_search_and_sources(person: TestClient, engine: Engine) -> None:
    put(engine, story(1))
    page = look(person, "/review/search?q=council+-ferry")
    [hit] = page.css("ul.list li")
    assert "Council number 1" in hit.text()
    assert look(person, str(hit.css_first("a").attributes["href"])).css_first("article")
    assert look(person, "/review/search?q=-ferry").css_first("[role=alert]")
    assert "Nothing holds" in look(person, "/review/search?q=ferry").css_first("main").text()
    assert "wire" in look(person, "/review/sources").css_first("tbody").text()
    assert look(person, "/review/source?name=nobody")
    for wrong, status in (
        ("dumps/" + "0" * 64, 404),
        ("documents/x", 404),
        ("dumps/x", 422),
        ("dead?before=x", 422),
    ):
        assert look(person, f"/review/{wrong}", status).css_first("[role=alert]")


def test_sources_that_are_crawled_say_how_they_are(person: TestClient, engine: Engine) -> None:
    assert "Crawled" not in look(person, "/review/sources").css_first("main").text()
    with writing(engine) as connection:
        sources.add(connection, "wire", {"kind": "feed", "urls": ["https://example.org/feed"]})
        for slot in ("1", "2", "3"):
            crawls.begin(connection, "wire", slot, "me", 60)
            crawls.end(connection, "wire", slot, "me", {"robots": 2}, "503 <b>")
    [row] = look(person, "/review/sources").css("tbody")[0].css("tr")
    assert row.css_first("strong").text() == "failing"
    assert "6 robots" in row.text()
    assert "503 <b>" in row.text()


def test_the_style_is_kept_by_browsers(visitor: TestClient) -> None:
    first = visitor.get("/review/style.css")
    assert first.headers["content-type"].startswith("text/css")
    again = visitor.get("/review/style.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
