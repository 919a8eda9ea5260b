"""No password is shown, of no URL that a person may write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UsageError
from ingest.queue.broker import broker_url
from ingest.redaction import redacted
from ingest.settings import Settings
from ingest.store.opening import open_engine


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:hunter2@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("redis://:hunter2@host:6379/0", "redis://:***@host:6379/0"),
        ("redis://:hun@ter/2@host/0", "redis://:***@host/0"),
        ("redis://:hunter2", "redis://:***"),
        ("postgresql://me:hunter2/db", "postgresql://me:***"),
        ("me:hunter2@host/db", "me:***@host/db"),
        (
            "postgresql://host/db?user=me&password=hun@ter2&x=1",
            "postgresql://host/db?user=me&password=***&x=1",
        ),
        ("ftp://me:hunter2@host/payloads", "ftp://me:***@host/payloads"),
    ],
)
def test_a_password_is_hidden(url: str, shown: str) -> None:
    assert redacted(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////home/me@work/a:b/ingest.sqlite",
        "sqlite://",
        "redis+socket:///run/me@work:1/socket",
        "redis://127.0.0.1:6379/0",
        "redis://[::1]:6379/0",
        "postgresql+psycopg://me@host/db?sslmode=require",
        "s3://bucket/payloads",
        "payloads",
        "",
    ],
)
def test_an_url_without_a_password_is_spared(url: str) -> None:
    assert redacted(url) == url


@given(st.text(alphabet="hunter2:/@?#&=[]%. ", min_size=1))
def test_whatever_the_password_holds(inner: str) -> None:
    password = f"Q{inner}Q"  # which no other part of the URL holds
    assert "Q" not in redacted(f"redis://me:{password}@host:6379/0")
    assert "Q" not in redacted(f"postgresql+psycopg://host/db?password={password.replace('&', '')}")


WRONG = [
    "me:hunter2@host:port/0",
    "me:hunter2",
    ":hun/ter2@host/0",
    ":hunter2@host:1:2/0",
    "me:1/hunter2@host/0",
]


@pytest.mark.parametrize("rest", WRONG)
def test_a_wrong_broker_is_named_without_its_password(rest: str) -> None:
    for scheme in ("http", "redis", "rediss"):
        with pytest.raises(UsageError, match="is not a broker's URL") as caught:
            broker_url(Settings(broker=f"{scheme}://{rest}"))
        assert "ter2" not in _all_of(caught.value)


@pytest.mark.parametrize("rest", ["me:hunter2@host:port/0", "me:hunter2", ":hunter2@host:1:2/0"])
def test_a_wrong_store_is_named_without_its_password(rest: str) -> None:
    for scheme in ("postgresql", "mysql", "postgresql+nothing", "postgresql:", ""):
        with pytest.raises(UsageError) as caught:
            open_engine(f"{scheme}://{rest}")
        assert "ter2" not in _all_of(caught.value)


def _all_of(error: BaseException) -> str:
    """What a log shows of it: its causes too."""
    shown = ""
    while error is not None:
        shown += repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)  # type: ignore[assignment]
    return shown
