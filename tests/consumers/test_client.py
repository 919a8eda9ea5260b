"""The client: it follows, remembers, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ingest.client import Feed
from ingest.errors import Unavailable, UsageError
from ingest.settings import Api, Settings
from ingest.store import tokens
from ingest.store.transactions import writing
from tests.consumers.serving import served
from tests.consumers.test_recipes import recipe
from tests.ports import unused_port
from tests.store.test_documents import stored
from tests.stores import only_on

pytestmark = only_on("sqlite")


@pytest.fixture
def api(engine: Engine, store_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """-> its address, and a token."""
    settings = Settings(
        store=store_url,
        broker="redis://127.0.0.1:1/0",
        data=tmp_path,
        api=Api(port=unused_port(), token_requests=0, address_requests=0),
    )
    with writing(engine) as connection:
        token = tokens.create(connection, ["read"])
        for n in range(3):
            stored(connection, f"Title {n}\nstory number {n}", "wire" if n else "other")
    with served(settings) as url:
        yield url, token


def test_it_goes_on_where_it_was(api: tuple[str, str], tmp_path: Path, engine: Engine) -> None:
    feed, cursor = Feed(*api), tmp_path / "cursor"
    # Who leaves in the middle of a page gets it again.
    assert len(list(islice(feed.follow(cursor, wait=None), 2))) == 2
    assert not cursor.exists()
    assert [change.change for change in feed.follow(cursor, wait=None)] == ["new"] * 3
    assert list(feed.follow(cursor, wait=None)) == []
    with writing(engine) as connection:
        stored(connection, "Another\nstory")
    [change] = feed.follow(cursor, wait=None)
    assert change.document is not None
    assert change.document["title"] == "Another"
    assert [path.name for path in tmp_path.glob("*cursor*")] == ["cursor"]
    assert feed.page(change.cursor, wait=0.1).changes == ()
    feed.close()


def test_filters_and_what_is_refused(api: tuple[str, str]) -> None:
    url, token = api
    assert len(Feed(url, token, source="wire").page().changes) == 2
    with pytest.raises(UsageError, match=r"401.*unknown, expired or revoked"):
        Feed(url, "nobody's").page()
    with pytest.raises(UsageError, match=r"400.*no cursor of ours"):
        Feed(url, token).page("forged")
    with pytest.raises(UsageError, match=r"422.*sauce"):
        Feed(url, token, sauce="wire").page()
    with pytest.raises(Unavailable, match="cannot be read"):
        Feed(f"http://127.0.0.1:{unused_port()}", token, retries=1).page()


def test_the_recipe(
    api: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url, token = api
    monkeypatch.chdir(tmp_path)
    to_the_end = (
        recipe("client").replace("http://127.0.0.1:8000", url).replace('"cursor"', '"cursor", wait=None')
    )
    exec(to_the_end, {"token": token})  # noqa: S102
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["new", "new"]
