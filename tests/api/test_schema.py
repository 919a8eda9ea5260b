"""The whole API is asked what its OpenAPI document allows and what it does not (schemathesis).

No answer is a 5xx, and each is one that the document describes: status, media type, headers and body.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from ingest.errors import UnusableDump
from ingest.settings import Api, Queue, Settings
from ingest.store import ledger, payloads, tokens
from ingest.store.opening import opened
from ingest.store.transactions import writing
from tests.consumers.serving import served
from tests.ports import unused_port
from tests.store.test_documents import LONG, OTHER, stored
from tests.store.test_payloads import dump
from tests.workers.service import Server

EXAMPLES = 6  # made up for each operation, beside those of its boundaries


@pytest.fixture(scope="module")
def schema() -> Iterator[BaseSchema]:
    """Of an API, with a token that may do all, and a store with documents, a copy and a dead dump."""
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    broker = Server(folder)
    settings = Settings(
        store=f"sqlite:///{folder}/ingest.sqlite",
        broker=broker.url,
        data=folder,
        payload_bytes=2000,
        queue=Queue(cleaner="tests.cleaners:clean"),
        api=Api(port=unused_port(), token_requests=0, address_requests=0),
    )
    with opened(settings) as engine, writing(engine) as connection:
        token = tokens.create(connection, ["admin"])
        for words in (f"Title\n{LONG}\n# menu", f"Title\n{LONG}\n# other menu", f"Other\n{OTHER}"):
            stored(connection, words, "wire")
        dead = dump(b"dead", source="wire")
        payloads.receive(connection, [dead])
        ledger.bury(connection, dead.dump_id, UnusableDump("binary", "a picture"), "1")
    with served(settings) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json", config=_asking_with(token))
    broker.kill()
    shutil.rmtree(folder)


def _asking_with(token: str) -> SchemathesisConfig:
    project = ProjectConfig(
        headers={"Authorization": f"Bearer {token}"},
        parameters={"wait": 0},  # nobody waits here for news
        # A picture is a body, and a cursor of another store is one: both are refused, as the document says.
        checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False)),
        generation=GenerationConfig(max_examples=EXAMPLES, deterministic=True),
    )
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


def test_no_answer_fails_and_none_is_a_surprise(schema: BaseSchema) -> None:
    asked, wrong = 0, dict[str, str]()
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                asked += len(event.recorder.cases)
                wrong |= dict(_failures(event.recorder))
            case events.NonFatalError() | events.FatalError():
                wrong[str(event)] = ""
    assert not wrong, "\n".join(f"{what}: {where}" for what, where in wrong.items())
    assert asked > 300


def _failures(recorder: ScenarioRecorder) -> Iterator[tuple[str, str]]:
    """What was wrong, once, and the request that showed it."""
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure, case = check.failure_info.failure, recorder.cases[case_id].value
                yield f"{case.method} {case.path}: {failure.title} {failure.message}", case.as_curl_command()
