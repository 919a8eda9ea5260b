"""A person at the review page, with a browser that knows no scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser as Html
from sqlalchemy import Engine

from ingest.api.app import make_app
from ingest.settings import Settings
from ingest.store import tokens
from ingest.store.transactions import writing


@pytest.fixture
def token(engine: Engine) -> str:
    with writing(engine) as connection:
        return tokens.create(connection, ["review"])


@pytest.fixture
def visitor(settings: Settings, engine: Engine) -> Iterator[TestClient]:
    """Nobody yet.  Payloads may be larger than in the tests of limits."""
    roomy = settings.model_copy(update={"payload_bytes": 100_000, "inline_bytes": 100_000})
    with TestClient(make_app(roomy)) as client:
        yield client


@pytest.fixture
def person(visitor: TestClient, token: str) -> TestClient:
    answer = visitor.post("/review/sign-in", data={"token": token})
    assert (answer.status_code, str(answer.url.path)) == (200, "/review")
    return visitor


def look(client: TestClient, path: str, status: int = 200) -> Html:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert "script" not in answer.headers["content-security-policy"].replace("default-src 'none'", "")
    page = Html(answer.text)
    assert is_accessible(page)
    return page


def is_accessible(page: Html) -> bool:
    """What can be told from the mark-up alone: names, language, one heading, no script and no style in it."""
    assert page.css_first("html").attributes["lang"]
    assert page.css_first("title").text().strip()
    assert len(page.css("h1")) == 1
    assert len(page.css("main")) == 1
    assert not page.css("script, style, [style], [onclick], [onerror], [onload]")
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for field in page.css("input:not([type=hidden]), select"):
        named = page.css_first(f"label[for={field.attributes.get('id')}]") or field.parent.tag == "label"
        assert named, field.html
    for control in page.css("a, button"):
        assert control.text().strip(), control.html
    assert all(
        form.css_first("[name=seal]") or "sign-in" in form.attributes["action"]
        for form in page.css("form[method=post]")
    )
    return True


def seal_of(client: TestClient) -> str:
    return str(look(client, "/review").css_first("form [name=seal]").attributes["value"])


def submit(client: TestClient, path: str, **fields: object) -> Html:
    answer = client.post(path, data={"seal": seal_of(client), **fields})
    assert answer.status_code == 200, answer.text
    return Html(answer.text)
