"""The reading side over HTTP: the feed, one document, sources, the dead, and cleaning without storing."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ingest.api import shapes
from ingest.api.app import make_app
from ingest.errors import UnusableDump
from ingest.settings import Queue, Settings
from ingest.store import cursors, ledger, payloads, tokens
from ingest.store.records import Record
from ingest.store.transactions import writing
from tests.api.test_dumps import problem
from tests.store.test_documents import LONG, OTHER, store, stored
from tests.store.test_payloads import dump
from tests.stores import only_on

FEED = "/v1/documents"


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    """With a token that may read."""
    with writing(engine) as connection:
        token = tokens.create(connection, ["read"])
    settings = settings.model_copy(update={"queue": Queue(cleaner="tests.cleaners:clean")})
    with TestClient(make_app(settings), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def fill(engine: Engine, number: int = 3) -> list[str]:
    """Documents of their own stories; the last of another source."""
    ids = []
    with writing(engine) as connection:
        for n in range(number):
            source = "wire" if n < number - 1 else "other"
            words = " ".join(f"w{n}x{i}" for i in range(60))
            ids.append(stored(connection, f"Harbour {n}\n{words}\n# menu", source).articles[0].document_id)
    return ids


def test_a_record_is_described_as_it_is_sent() -> None:
    assert set(shapes.Document.model_fields) == set(Record.__annotations__)


def test_the_feed_is_followed_with_its_cursor(client: TestClient, engine: Engine) -> None:
    ids = fill(engine)
    first = client.get(FEED, params={"limit": 2}).json()
    assert [(c["change"], c["document_id"]) for c in first["changes"]] == [("new", ids[0]), ("new", ids[1])]
    assert first["more"]
    assert first["changes"][0]["document"]["removals"][0]["reason"] == "other"
    second = client.get(FEED, params={"cursor": first["cursor"]}).json()
    assert [c["document_id"] for c in second["changes"]] == [ids[2]]
    assert not second["more"]
    with writing(engine) as connection:
        cleaned = stored(connection, f"Story\n{OTHER}")
        store(connection, replace(cleaned, articles=()), version="2")
    third = client.get(FEED, params={"cursor": second["cursor"]}).json()
    assert [(c["change"], c["document"]) for c in third["changes"]] == [("retracted", None)]
    assert client.get(FEED, params={"cursor": third["cursor"]}).json()["changes"] == []


def test_filters(client: TestClient, engine: Engine) -> None:
    ids = fill(engine)

    def found(**params: str) -> list[str]:
        return [change["document_id"] for change in client.get(FEED, params=params).json()["changes"]]

    assert found(source="other") == [ids[2]]
    assert found(q="w1x5") == [ids[1]]
    assert found(q="harbour -w1x5", status="unique", role="primary") == [ids[0], ids[2]]
    assert found(published_from="1900-01-01", published_to="2999-01-01") == ids
    assert found(published_to="1900-01-01") == []


def test_the_feed_as_lines(client: TestClient, engine: Engine) -> None:
    ids = fill(engine, 5)
    answer = client.get(FEED, headers={"Accept": "application/x-ndjson"})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["document_id"] for row in rows] == ids
    rest = client.get(FEED, params={"cursor": rows[1]["cursor"], "limit": 2}, headers=answer.request.headers)
    assert [json.loads(line)["document_id"] for line in rest.text.splitlines()] == ids[2:4]


def test_waiting_for_news(client: TestClient, engine: Engine) -> None:
    cursor = client.get(FEED).json()["cursor"]
    answers: list[dict[str, object]] = []
    waiting = threading.Thread(
        target=lambda: answers.append(client.get(FEED, params={"cursor": cursor, "wait": 60}).json())
    )
    waiting.start()
    ids = fill(engine, 1)
    waiting.join()
    assert [c["document_id"] for c in answers[0]["changes"]] == ids  # type: ignore[attr-defined]
    assert client.get(FEED, params={"cursor": answers[0]["cursor"], "wait": 0.3}).json()["changes"] == []


def test_a_cursor_of_nobody_is_refused(client: TestClient, engine: Engine) -> None:
    fill(engine, 1)
    good = client.get(FEED).json()["cursor"]
    altered = ("B" if good[0] != "B" else "C") + good[1:]
    for forged in ("", "x", "ünd", "12", good[:-1], good + "A", altered, cursors.written(10**6)):
        assert problem(client.get(FEED, params={"cursor": forged})) == (400, "cursor")
        assert problem(client.get(FEED, params={"cursor": forged, "wait": 5})) == (400, "cursor")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "wait=61", "wait=x", "status=odd", "sauce=a", "q=-x", "q=", "published_from=soon",
     "language=E%00"],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(client: TestClient, query: str) -> None:
    assert problem(client.get(f"{FEED}?{query}")) == (422, "invalid-request")


def test_scopes(client: TestClient, engine: Engine) -> None:
    with writing(engine) as connection:
        push, review = tokens.create(connection, ["push"]), tokens.create(connection, ["review"])
        old = tokens.create(connection, ["read"])
        tokens.revoke(connection, old.split("_")[1])
    for path in (FEED, f"{FEED}/x", f"{FEED}/x/removals", "/v1/sources", "/v1/dead"):
        assert problem(client.get(path, headers={"Authorization": f"Bearer {push}"})) == (403, "wrong-scope")
        assert problem(client.get(path, headers={"Authorization": f"Bearer {old}"})) == (
            401,
            "no-valid-token",
        )
        assert client.get(path, headers={"Authorization": f"Bearer {review}"}).status_code in (200, 404)
    assert problem(client.post(f"/v1/dead/{'0' * 64}/retry"))[0] == 403


def test_one_document_and_what_belongs_to_it(client: TestClient, engine: Engine) -> None:
    with writing(engine) as connection:
        first = stored(connection, f"Title\n{LONG}\n# menu", "wire")
        copy = stored(connection, f"Title\n{LONG}\n# other menu", "other")
    one, two = first.articles[0].document_id, copy.articles[0].document_id
    document = client.get(f"{FEED}/{one}")
    assert document.json()["title"] == "Title"
    again = client.get(f"{FEED}/{one}", headers={"If-None-Match": document.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    [removal] = client.get(f"{FEED}/{two}/removals").json()
    assert removal["text"] == "# other menu"
    cluster = client.get(f"{FEED}/{two}/cluster").json()
    assert [member["document_id"] for member in cluster["members"]] == [one, two]
    assert cluster["members"][1]["duplicate_of"] == one
    raw = client.get(f"{FEED}/{one}/dump")
    assert raw.content == first.text.encode()
    assert raw.headers["content-disposition"].startswith("attachment")
    assert problem(client.get(f"{FEED}/none")) == (404, "unknown")


def test_answers_are_compressed_where_that_pays(client: TestClient, engine: Engine) -> None:
    fill(engine)
    answer = client.get(FEED, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    with client.stream(
        "GET", FEED, headers={"Accept-Encoding": "gzip", "Accept": "application/x-ndjson"}
    ) as lines:
        raw = b"".join(lines.iter_raw())
    assert len(gzip.decompress(raw).splitlines()) == 3
    assert "content-encoding" not in client.get(FEED, headers={"Accept-Encoding": "identity"}).headers


def test_sources_by_name(client: TestClient, engine: Engine) -> None:
    fill(engine)
    first = client.get("/v1/sources", params={"limit": 1}).json()
    assert [(s["source"], s["documents"]) for s in first["sources"]] == [("other", 1)]
    rest = client.get("/v1/sources", params={"after": first["next"]}).json()
    assert [(s["source"], s["documents"]) for s in rest["sources"]] == [("wire", 2)]
    assert rest["next"] is None


def test_the_dead_and_once_more(client: TestClient, engine: Engine) -> None:
    dead = [dump(f"dead {n}".encode(), source="wire") for n in range(3)]
    with writing(engine) as connection:
        payloads.receive(connection, dead)
        for one in dead:
            ledger.bury(connection, one.dump_id, UnusableDump("binary", "a picture"), "1")
        push = tokens.create(connection, ["push"])
    first = client.get("/v1/dead", params={"limit": 2}).json()
    rest = client.get("/v1/dead", params={"before": first["next"]}).json()
    listed = [row["dump_id"] for row in first["dead"] + rest["dead"]]
    assert sorted(listed) == sorted(one.dump_id for one in dead)
    assert client.get("/v1/dead", params={"reason": "empty"}).json() == {"dead": [], "next": None}
    allowed = {"Authorization": f"Bearer {push}"}
    retried = client.post(f"/v1/dead/{listed[0]}/retry", headers=allowed)
    assert (retried.status_code, retried.json()) == (202, {"retried": 1})
    assert problem(client.post(f"/v1/dead/{listed[0]}/retry", headers=allowed)) == (409, "not-dead")
    assert problem(client.post(f"/v1/dead/{'0' * 64}/retry", headers=allowed)) == (404, "unknown")
    assert problem(client.get("/v1/dead?before=x")) == (422, "invalid-request")


@only_on("sqlite")
def test_cleaning_without_storing(client: TestClient) -> None:
    answer = client.post("/v1/clean", content=f"Title\n{LONG}\n# menu".encode())
    assert answer.status_code == 200
    cleaned = answer.json()
    assert [a["title"] for a in cleaned["articles"]] == ["Title"]
    [removal] = cleaned["removals"]
    assert cleaned["text"][removal["start"] : removal["end"]] == "# menu"
    assert client.get(FEED).json()["changes"] == []
    assert problem(client.post("/v1/clean", content=b"!binary\n")) == (422, "unusable-dump")
    assert problem(client.post("/v1/clean", content=b"!kill\n")) == (422, "unusable-dump")
    assert problem(client.post("/v1/clean", content=b"")) == (422, "empty-dump")
    assert problem(client.post("/v1/clean", content=b"x" * 1001)) == (413, "too-large")
    two = [("file", ("a", b"one", "text/plain")), ("file", ("b", b"two", "text/plain"))]
    assert problem(client.post("/v1/clean", files=two)) == (422, "invalid-request")


def test_every_answer_is_described(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            answers = operation["responses"]
            assert any(status.startswith("2") for status in answers), path
            if path.startswith("/v1/"):
                assert {"401", "403", "422", "503"} <= set(answers), path
