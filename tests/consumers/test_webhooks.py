"""Webhooks: told in order, signed, tried again, given up, and never where they must not go."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine

from ingest.errors import UsageError
from ingest.outbox import webhooks
from ingest.outbox.signing import TOLERANCE, signed, verify
from ingest.settings import Outbox
from ingest.store import records
from ingest.store import webhooks as table
from ingest.store.transactions import reading, writing
from ingest.store.webhooks import Webhook
from tests.store.test_documents import store, stored


class Receiver:
    """Answers what it is told to, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []  # the next ones; then 204
        self.messages: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.messages.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/changes?of=ingest"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


OUTBOX = Outbox(private_hosts=("127.0.0.1",), first_pause=0, attempts=3)


def the_webhook(engine: Engine) -> Webhook:
    with reading(engine) as connection:
        [webhook] = table.listed(connection)
    return webhook


def turn(engine: Engine, outbox: Outbox = OUTBOX) -> int:
    """-> changes that were taken by those that are due."""
    return sum(webhooks.deliver(engine, webhook_id, outbox) for webhook_id in webhooks.due(engine))


def test_a_receiver_has_what_the_store_has(
    engine: Engine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_PAGE", 2)
    with writing(engine) as connection:
        first, *_ = [stored(connection, f"Title {n}\nstory {n}") for n in range(5)]
    _, secret = webhooks.add(engine, receiver.url, from_start=True)
    receiver.answers = [500, 302, 204, 200]
    assert [turn(engine) for _ in range(4)] == [0, 0, 5, 0]
    with writing(engine) as connection:
        store(connection, replace(first, articles=()))
    assert turn(engine) == 1
    ids = [headers["webhook-id"] for headers, _ in receiver.messages]
    assert ids[0] == ids[1] == ids[2]  # the same message, tried again
    assert len(set(ids)) == len(ids) - 2
    held: dict[str, Any] = {}
    for headers, body in receiver.messages:
        assert verify(secret, headers, body)
        assert not verify(secret, headers, body + b" ")
        for change in json.loads(body)["changes"]:
            if change["change"] == "retracted":
                held.pop(change["document_id"])
            else:
                held[change["document_id"]] = change["document"]
    with reading(engine) as connection:
        assert held == {row["document_id"]: dict(row) for _, row in records.records_after(connection, 0)}


def test_it_is_given_up_and_goes_on_where_it_was_left(engine: Engine, receiver: Receiver) -> None:
    webhook_id, _ = webhooks.add(engine, receiver.url, from_start=False)
    assert webhooks.due(engine) == []
    with writing(engine) as connection:
        stored(connection, "Title\nstory")
    receiver.answers = [503] * 3
    assert [turn(engine) for _ in range(4)] == [0] * 4
    assert len(receiver.messages) == 3
    webhook = the_webhook(engine)
    assert (webhook.state, webhook.failures, webhook.error) == ("dead", 3, "it answered 503")
    with writing(engine) as connection:
        table.revive(connection, webhook_id)
    assert turn(engine) == 1
    assert (the_webhook(engine).state, the_webhook(engine).error) == ("active", None)
    # 410: at once.
    with writing(engine) as connection:
        stored(connection, "Another\nstory again")
    receiver.answers = [410]
    assert (turn(engine), the_webhook(engine).state) == (0, "dead")


def test_one_at_a_time_and_after_a_pause(engine: Engine, receiver: Receiver) -> None:
    webhook_id, _ = webhooks.add(engine, receiver.url, from_start=True)
    with writing(engine) as connection:
        stored(connection, "Title\nstory")
        assert table.claim(connection, webhook_id, 60) is not None
    assert webhooks.due(engine) == []
    assert webhooks.deliver(engine, webhook_id, OUTBOX) == 0
    with writing(engine) as connection:
        table.release(connection, webhook_id)
    receiver.answers = [500]
    slow = OUTBOX.model_copy(update={"first_pause": 1000.0})
    assert [turn(engine, slow), turn(engine, slow)] == [0, 0]
    assert len(receiver.messages) == 1


def test_it_goes_nowhere_private(engine: Engine, receiver: Receiver) -> None:
    webhooks.add(engine, receiver.url, from_start=True)
    with writing(engine) as connection:
        stored(connection, "Title\nstory")
    assert turn(engine, Outbox()) == 0
    assert "outbox.private_hosts" in (the_webhook(engine).error or "")
    assert receiver.messages == []
    for wrong in ("ftp://example.org/", "example.org", "https://user:password@example.org/"):
        with pytest.raises(UsageError, match="no address of a webhook"):
            webhooks.add(engine, wrong, from_start=True)
    with writing(engine) as connection, pytest.raises(UsageError, match="webhooks list"):
        table.remove(connection, "nobody")


def test_a_signature_is_the_standard_s_and_grows_old() -> None:
    """The example of Standard Webhooks' own libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    headers = signed(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, at=1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert verify(secret, headers, body, now=1614265330 + TOLERANCE)
    assert not verify(secret, headers, body, now=1614265331 + TOLERANCE)
    assert not verify(secret, {}, body)
