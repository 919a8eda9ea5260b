"""Who asks too often is told when to go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ingest.api.app import make_app
from ingest.settings import Api, Settings
from ingest.store import tokens
from ingest.store.transactions import writing
from tests.api.test_dumps import problem
from tests.stores import only_on
from tests.workers.service import Server

pytestmark = only_on("sqlite")
PATH = "/v1/sources"


@pytest.fixture
def bearers(engine: Engine) -> list[dict[str, str]]:
    with writing(engine) as connection:
        made = [tokens.create(connection, ["read"]) for _ in range(2)]
    return [{"Authorization": f"Bearer {token}"} for token in made]


@pytest.fixture
def client(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    limited = settings.model_copy(update={"api": Api(token_requests=3, address_requests=5)})
    with TestClient(make_app(limited)) as client:
        yield client


def test_a_token_and_an_address_have_each_their_share(
    client: TestClient, bearers: list[dict[str, str]]
) -> None:
    one, other = bearers
    answers = [client.get(PATH, headers=one) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[3]) == (429, "rate")
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20  # one of three a minute
    # Another token has its own; what was refused has cost the address nothing.
    assert [client.get(PATH, headers=other).status_code for _ in range(3)] == [200, 200, 429]
    # Guessing tokens is asking, too.
    assert client.get(PATH, headers={"Authorization": "Bearer guessed"}).status_code == 429
    assert client.get("/healthz").status_code == 200


def test_while_the_broker_is_away_nobody_is_refused(
    client: TestClient, bearers: list[dict[str, str]], broker: Server
) -> None:
    broker.kill()
    try:
        assert {client.get(PATH, headers=bearers[0]).status_code for _ in range(5)} == {200}
    finally:
        broker.start()
    assert [client.get(PATH, headers=bearers[0]).status_code for _ in range(4)] == [200, 200, 200, 429]
