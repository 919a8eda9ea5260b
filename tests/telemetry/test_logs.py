"""Lines as they are written, by a handler on a stream of the test's own."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from ingest.settings import Log
from ingest.telemetry import logs
from tests.conftest import ROOT

Written = Callable[[], str]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """What is logged below `somewhere`, as JSON, at any level."""
    stream, here = StringIO(), logging.getLogger("somewhere")
    here.addHandler(logs.handler(Log(format="json"), service=True, worker="w@host", stream=stream))
    here.setLevel(logging.DEBUG)
    here.propagate = False
    yield stream
    here.handlers.clear()
    here.propagate = True


def line(stream: StringIO) -> dict[str, Any]:
    (only,) = stream.getvalue().splitlines()
    found: dict[str, Any] = json.loads(only)
    return found


def test_an_event_is_one_object_with_its_fields(stream: StringIO) -> None:
    with structlog.contextvars.bound_contextvars(task_id="t1"):
        logs.logger("somewhere.here").warning("dump dead", dump_id="ab", name="naïve\nname", message="m", n=2)
    told = line(stream)
    assert told.pop("time").endswith("Z")
    assert told.pop("pid") > 0
    assert told == {
        "event": "dump dead",
        "level": "warning",
        "logger": "somewhere.here",
        "worker": "w@host",
        "task_id": "t1",
        "dump_id": "ab",
        "name": "naïve\nname",
        "message": "m",
        "n": 2,
    }
    assert stream.getvalue().isascii()


def test_what_libraries_log_comes_out_alike(stream: StringIO) -> None:
    logging.getLogger("somewhere.else").info("%d of %s", 2, "them", extra={"data": "for others"})
    told = line(stream)
    assert (told["event"], told["level"], told["logger"]) == ("2 of them", "info", "somewhere.else")
    assert "data" not in told


def test_a_traceback_is_part_of_its_line(stream: StringIO) -> None:
    secret = "never shown"  # noqa: F841, S105  (a local variable of a frame in the traceback)
    try:
        raise ValueError("at postgresql+psycopg://me:hunter2@host/db")  # noqa: TRY301
    except ValueError:
        logs.logger("somewhere").exception("it failed", dump_id="ab")
    told = line(stream)
    (error,) = told["exception"]
    assert error["exc_type"] == "ValueError"
    assert error["frames"][-1]["name"] == "test_a_traceback_is_part_of_its_line"
    assert "hunter2" not in stream.getvalue()
    assert "never shown" not in stream.getvalue()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("redis://:hunter2@host:1/0 is away", "redis://:***@host:1/0 is away"),
        ("redis+socket://me:hunter2@/a/socket", "redis+socket://me:***@/a/socket"),
        ("postgresql+psycopg://me:hun@ter2@host/db", "postgresql+psycopg://me:***@host/db"),
        ('"postgresql://h/db?user=me&password=hunter2"', '"postgresql://h/db?user=me&password=***"'),
        ("https://host:8000/a@b?c=d", "https://host:8000/a@b?c=d"),
        ("mailto:me@host, at 10:30", "mailto:me@host, at 10:30"),
    ],
)
def test_passwords_are_hidden(stream: StringIO, said: str, shown: str) -> None:
    logs.logger("somewhere").info("said", text=said, nested={"deep": [said]})
    told = line(stream)
    assert (told["text"], told["nested"]) == (shown, {"deep": [shown]})


def test_a_terminal_gets_text_and_no_commands() -> None:
    terminal, record = Terminal(), logging.LogRecord("a", 30, "", 1, "an \x1b[2Jevent", (), None)
    record.fields = {"dump_id": "a\x1b[31mb"}
    logs.handler(Log(), service=True, stream=terminal).emit(record)
    assert "\ufffd[2J" in terminal.getvalue()
    assert "a\ufffd[31mb" in terminal.getvalue()


@pytest.mark.parametrize(
    ("form", "service", "terminal", "as_json"),
    [
        ("auto", True, False, True),
        ("auto", True, True, False),
        ("auto", False, False, False),  # a command's stderr is for people
        ("json", False, True, True),
        ("text", True, False, False),
    ],
)
def test_the_form_of_a_line(form: Any, service: bool, terminal: bool, as_json: bool) -> None:
    stream = Terminal() if terminal else StringIO()
    record = logging.LogRecord("a", 30, "", 1, "an event", (), None)
    logs.handler(Log(format=form), service=service, stream=stream).emit(record)
    assert stream.getvalue().startswith("{") is as_json


# What a process logs of these, from its own modules and from libraries.
SAYS = """
import logging, sys, threading, warnings
from ingest.settings import Log
from ingest.telemetry import logs
{configure}
ours, theirs = logs.logger("ingest.some.module"), logging.getLogger("library")
for level in ("debug", "info", "warning"):
    getattr(ours, level)("ours", n=level)
    getattr(theirs, level)("theirs")
logging.getLogger("celery.app.trace").info("repeated")
"""


def said(configure: str, more: str = "") -> list[str]:
    script = SAYS.format(configure=configure) + more
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr.splitlines()


def events(lines: list[str]) -> list[tuple[str, str]]:
    told = [json.loads(one) for one in lines]
    return [(one["event"], one["level"]) for one in told]


def test_levels() -> None:
    quiet = [("ours", "warning"), ("theirs", "warning")]
    usual = [("ours", "info"), ("theirs", "info"), *quiet]
    assert events(said("logs.configure(Log(format='json'))")) == quiet
    assert events(said("logs.configure(Log(), service=True)")) == usual
    assert events(said("logs.configure(Log(level='warning'), service=True)")) == quiet
    every = [("ours", "debug"), *usual, ("repeated", "info")]
    assert events(said("logs.configure(Log(level='debug'), service=True)")) == every
    assert events(said("logs.configure(Log(level='debug', format='json'))")) == every


def test_without_configuration_the_standard_rules_hold() -> None:
    assert said("") == ["ours", "theirs"]


def test_a_service_says_also_how_it_ends_in_lines() -> None:
    more = """
warnings.warn("careful")
thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
raise ValueError("redis://:hunter2@host")
"""
    lines = said("logs.configure(Log(level='warning'), service=True)", more)
    told = [json.loads(one) for one in lines][2:]
    assert [one["level"] for one in told] == ["warning", "critical", "critical"]
    assert "careful" in told[0]["event"]
    assert [one["exception"][0]["exc_type"] for one in told[1:]] == ["ZeroDivisionError", "ValueError"]
    assert "hunter2" not in "".join(lines)
