from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from ingest.api.app import make_app
from ingest.settings import Api, Settings
from ingest.store import ledger, payloads, tokens
from ingest.store.schema import sightings
from ingest.store.transactions import reading, writing
from tests.store.test_payloads import dump
from tests.workers.service import Server

STORY = b"A story of some words."
ID = hashlib.sha256(STORY).hexdigest()


def problem(answer: object) -> tuple[int, str]:
    """The status and the type's last word, of what must be a problem."""
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == answer.status_code  # type: ignore[attr-defined]
    assert body["title"]
    assert body["detail"]
    return body["status"], body["type"].rpartition(":")[2]


def test_a_body_is_a_dump_byte_for_byte(client: TestClient, engine: Engine) -> None:
    answer = client.post(
        "/v1/dumps", params={"source": "wire", "url": "https://example.org/a"}, content=STORY
    )
    assert answer.status_code == 202
    assert answer.json() == {"dumps": [{"dump_id": ID, "state": "queued", "status_url": f"/v1/dumps/{ID}"}]}
    assert answer.headers["location"] == f"/v1/dumps/{ID}"
    status = client.get(answer.headers["location"]).json()
    assert (status["state"], status["source"], status["url"]) == ("queued", "wire", "https://example.org/a")
    with reading(engine) as connection:
        [kept] = payloads.dumps_in(connection, [ID])
    assert (kept.payload, kept.media_type) == (STORY, None)


def test_a_form_brings_several(client: TestClient, engine: Engine) -> None:
    files = [
        ("file", ("a\x07.html", b"<p>one", "text/html")),
        ("file", ("b", b"two", "application/octet-stream")),
        ("file", ("c", b"two", "text/plain")),
    ]
    answer = client.post("/v1/dumps", files=files, data={"source": "wire"})
    assert answer.status_code == 202
    ids = [entry["dump_id"] for entry in answer.json()["dumps"]]
    assert ids[1] == ids[2]
    assert "location" not in answer.headers
    with reading(engine) as connection:
        first, second, _ = payloads.dumps_in(connection, ids)
    assert (first.media_type, second.media_type, first.source) == ("text/html", None, "wire")
    assert first.name == "a%07.html"


def test_the_same_bytes_again_are_queued_once_whoever_brings_them(
    client: TestClient, broker: Server, engine: Engine
) -> None:
    answers: list[str] = []

    def push(n: int) -> None:
        answer = client.post("/v1/dumps", params={"source": str(n)}, content=STORY)
        answers.append(answer.json()["dumps"][0]["dump_id"])

    threads = [threading.Thread(target=push, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [ID] * 6
    assert waiting(broker) == 1
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(sightings)) == 6


def waiting(broker: Server) -> int:
    import redis

    with redis.Redis(unix_socket_path=broker.url.removeprefix("redis+socket://")) as server:
        return int(server.llen("clean"))  # type: ignore[arg-type]


def test_a_key_stands_for_one_request(client: TestClient, broker: Server) -> None:
    key = {"Idempotency-Key": "one"}
    first = client.post("/v1/dumps", content=STORY, headers=key)
    again = client.post("/v1/dumps", content=STORY, headers=key)
    assert again.json() == first.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (
        None,
        "true",
    )
    assert problem(client.post("/v1/dumps", content=b"other", headers=key)) == (422, "idempotency-key-reused")
    assert problem(client.post("/v1/dumps", content=STORY, headers={"Idempotency-Key": "x" * 256}))[0] == 400
    assert waiting(broker) == 1


def test_while_the_broker_is_away_dumps_are_taken_in(client: TestClient, broker: Server) -> None:
    broker.kill()
    answer = client.post("/v1/dumps", content=STORY)
    assert (answer.status_code, answer.json()["dumps"][0]["state"]) == (202, "received")
    broker.start()


def test_too_much_that_waits_is_told_before_more_is_read(client: TestClient, engine: Engine) -> None:
    with writing(engine) as connection:
        payloads.receive(connection, [dump(str(n).encode()) for n in range(4)])
    answer = client.post("/v1/dumps", content=STORY)
    assert problem(answer) == (429, "backlog")
    assert int(answer.headers["retry-after"]) > 0
    with reading(engine) as connection:
        assert ledger.standings(connection, [ID]) == {}


def chunks(size: int) -> Iterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


def test_bodies_have_an_end(client: TestClient, engine: Engine) -> None:
    assert problem(client.post("/v1/dumps", content=b"x" * 1001)) == (413, "too-large")
    assert problem(client.post("/v1/dumps", content=chunks(2000))) == (413, "too-large")
    assert problem(client.post("/v1/dumps", files=[("file", ("big", b"x" * 1001))])) == (413, "too-large")
    assert problem(client.post("/v1/dumps", content=b"")) == (422, "empty-dump")
    assert problem(client.post("/v1/dumps", files=[("file", ("a", b""))])) == (422, "empty-dump")
    assert client.post("/v1/dumps", content=b"x" * 1000).status_code == 202  # aside, in the payload folder
    with reading(engine) as connection:
        assert sum(ledger.counts(connection).values()) == 1


@pytest.mark.parametrize(
    ("parameters", "headers"),
    [
        ({"url": "javascript:alert(1)"}, {}),
        ({"source": "a\nb"}, {}),
        ({"source": "ä" * 101}, {}),
        ({"sauce": "wire"}, {}),
        ({}, {"Content-Type": "no media type"}),
    ],
)
def test_what_makes_no_sense_is_named(
    client: TestClient, parameters: dict[str, str], headers: dict[str, str]
) -> None:
    answer = client.post("/v1/dumps", params=parameters, content=STORY, headers=headers)
    assert problem(answer) == (422, "invalid-request")
    assert answer.json()["errors"]


def test_paths_and_ids_that_are_none(client: TestClient) -> None:
    assert problem(client.get("/v1/dumps/nonsense"))[0] == 422
    assert problem(client.get(f"/v1/dumps/{'0' * 64}")) == (404, "unknown")
    assert problem(client.get("/v2/dumps"))[0] == 404
    assert problem(client.delete("/v1/dumps"))[0] == 405
    assert problem(client.post("/v1/dumps", content=STORY, headers={"Content-Encoding": "gzip"}))[0] == 415


def test_tokens_open_what_they_are_for(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        given = {scope: tokens.create(connection, [scope]) for scope in tokens.SCOPES}
        ended = tokens.create(connection, ["push"])
        tokens.revoke(connection, ended.split("_")[1])
    with TestClient(make_app(settings)) as client:

        def push(token: str | None) -> object:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return client.post("/v1/dumps", content=STORY, headers=headers)

        for missing in (None, "nonsense", given["push"][:-1] + "x", ended):
            answer = push(missing)
            assert problem(answer) == (401, "no-valid-token")
            assert answer.headers["www-authenticate"].startswith("Bearer")  # type: ignore[attr-defined]
        assert problem(push(given["read"])) == problem(push(given["review"])) == (403, "wrong-scope")
        assert push(given["push"]).status_code == push(given["admin"]).status_code == 202  # type: ignore[attr-defined]


def test_who_watches_needs_no_token(settings: Settings, engine: Engine, broker: Server) -> None:
    with TestClient(make_app(settings)) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"store": "ok", "broker": "ok"}
        assert 'ingest_dumps{state="queued"} 0.0' in client.get("/metrics").text
    broker.kill()
    with TestClient(make_app(settings)) as client:
        answer = client.get("/readyz")
        assert problem(answer) == (503, "unavailable")
        assert "broker" in answer.json()["detail"]
        assert client.get("/healthz").status_code == 200


def test_metrics_are_for_whom_the_settings_say(settings: Settings, engine: Engine) -> None:
    with writing(engine) as connection:
        given = {scope: tokens.create(connection, [scope]) for scope in ("read", "push", "admin")}
    token = settings.model_copy(update={"api": Api(port=0, metrics="token")})
    with TestClient(make_app(token)) as client:

        def ask(scope: str) -> object:
            return client.get("/metrics", headers={"Authorization": f"Bearer {given[scope]}"})

        assert problem(client.get("/metrics")) == (401, "no-valid-token")
        assert problem(ask("push")) == (403, "wrong-scope")
        for scope in ("read", "admin"):
            assert 'ingest_dumps{state="queued"} 0.0' in ask(scope).text  # type: ignore[attr-defined]
        assert client.get("/readyz").status_code == 200
        described = client.get("/openapi.json").json()["paths"]["/metrics"]["get"]
        assert described["security"] == [{"token": ["read"]}]
        assert set(described["responses"]) == {"200", "401", "403", "500"}
    with TestClient(make_app(settings.model_copy(update={"api": Api(metrics="off")}))) as client:
        assert problem(client.get("/metrics"))[0] == 404
        assert "/metrics" not in client.get("/openapi.json").json()["paths"]


def test_the_description_is_whole(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    push = document["paths"]["/v1/dumps"]["post"]
    assert set(push["responses"]) == {"202", "400", "401", "403", "413", "415", "422", "429", "500", "503"}
    assert document["components"]["schemas"]["ProblemBody"]
