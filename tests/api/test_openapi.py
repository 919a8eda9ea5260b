"""What the OpenAPI document promises: an example of everything, and no answer that it does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ingest.api.app import make_app
from ingest.settings import Settings


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return make_app(Settings(broker="redis://127.0.0.1:1/0")).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_every_operation_has_examples_that_are_what_they_say(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert {"examples", "example"} & {*parameter, *parameter["schema"]}, (name, parameter["name"])
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                assert examples, (name, status, media_type)
                schema = {**content["schema"], "components": document["components"]}
                for example in examples:
                    Draft202012Validator(schema).validate(example)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert "example" in content or "properties" in content["schema"], name
