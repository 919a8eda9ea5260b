"""Who is refused at every door of /v1, and how: the right status, and a problem that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from ingest.api.app import make_app
from ingest.settings import Settings
from ingest.store import cursors, tokens
from ingest.store import schema as tables
from ingest.store.transactions import writing
from tests.api.test_dumps import problem

ID = "0" * 64


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    """Without a token."""
    with TestClient(make_app(settings)) as client:
        yield client


def made(engine: Engine, *scopes: str) -> str:
    with writing(engine) as connection:
        return tokens.create(connection, scopes)


def expire(engine: Engine, token: str) -> None:
    """As time would."""
    mine = tables.tokens.c.token_id == token.split("_")[1]
    with writing(engine) as connection:
        connection.execute(update(tables.tokens).where(mine).values(expires_at="2026-01-01T00:00:00+00:00"))


def doors(client: TestClient) -> Iterator[tuple[str, str, set[str]]]:
    """(method, path, scopes that open it) of all that needs a token, as the description says."""
    described: dict[str, Any] = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/v1/"):
                [[scopes]] = [list(one.values()) for one in operation["security"]]
                yield method, path.format(dump_id=ID, document_id="x"), set(scopes)


def test_every_door_is_shut_without_a_valid_token(client: TestClient, engine: Engine) -> None:
    expired, revoked = made(engine, "admin"), made(engine, "admin")
    expire(engine, expired)
    with writing(engine) as connection:
        tokens.revoke(connection, revoked.split("_")[1])
    altered = revoked[:-1] + ("0" if revoked[-1] != "0" else "1")
    headers = [None, "", "Bearer", "Bearer nonsense", f"Basic {revoked}", revoked]
    headers += [f"Bearer {token}" for token in (expired, revoked, altered)]
    shut = list(doors(client))
    assert len(shut) > 10
    for method, path, _ in shut:
        for said in headers:
            answer = client.request(method, path, headers={"Authorization": said} if said is not None else {})
            assert problem(answer) == (401, "no-valid-token"), (method, path, said)
            assert answer.headers["www-authenticate"].startswith('Bearer realm="ingest"')
            assert "ingest tokens create" in answer.json()["detail"]


def test_every_door_is_shut_with_a_token_for_another(client: TestClient, engine: Engine) -> None:
    given = {scope: made(engine, scope) for scope in tokens.SCOPES}
    for method, path, scopes in doors(client):
        for scope in {*tokens.SCOPES} - scopes - {"admin"}:
            answer = client.request(method, path, headers={"Authorization": f"Bearer {given[scope]}"})
            assert problem(answer) == (403, "wrong-scope"), (method, path, scope)
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
        for scope in {*scopes, "admin"}:
            answer = client.request(method, path, headers={"Authorization": f"Bearer {given[scope]}"})
            assert answer.status_code not in (401, 403), (method, path, scope)


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson"])
def test_a_forged_cursor_is_refused_before_anything_is_sent(
    client: TestClient, engine: Engine, accept: str
) -> None:
    headers = {"Authorization": f"Bearer {made(engine, 'read')}", "Accept": accept}
    for forged in ("", "AAAA", "A" * 20, "A" * 10_000, "%00", cursors.written(2**63)):
        answer = client.get("/v1/documents", params={"cursor": forged, "wait": 5}, headers=headers)
        assert problem(answer) == (400, "cursor"), forged


@pytest.mark.parametrize("path", ["/v1/dumps", "/v1/clean"])
def test_a_body_over_the_limit_is_refused(client: TestClient, engine: Engine, path: str) -> None:
    headers = {"Authorization": f"Bearer {made(engine, 'push')}"}
    sent: list[dict[str, Any]] = [
        {"content": b"x" * 1001},  # the test's settings allow 1000
        {"content": iter([b"x" * 600] * 2)},  # of a length that is not said
        {"files": [("file", ("a", b"x" * 1001))]},
        {"content": b"x", "headers": {"Content-Length": str(10**15)}},
    ]
    for body in sent:
        answer = client.post(path, **{**body, "headers": headers | body.get("headers", {})})
        assert problem(answer) == (413, "too-large")
        assert "1000 bytes" in answer.json()["detail"] or "1001000 bytes" in answer.json()["detail"]
