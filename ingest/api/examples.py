"""An example for every answer of the OpenAPI document, put together from the examples of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def add_examples(document: dict[str, Any]) -> None:
    """Answers in JSON that have no example get one; what has one is spared."""
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                content = response.get("content", {}).get("application/json")
                if content is not None and not {"example", "examples"} & content.keys():
                    content["example"] = example_of(content["schema"], schemas)


def example_of(schema: Schema, schemas: Mapping[str, Schema]) -> Any:
    """What the schema says is one: its own example, or else that of all its parts."""
    match schema:
        case {"examples": [first, *_]}:
            return first
        case {"$ref": str(name)}:
            return example_of(schemas[name.rpartition("/")[2]], schemas)
        case {"anyOf": [first, *_]} | {"enum": [first, *_]}:
            return example_of(first, schemas) if isinstance(first, Mapping) else first
        case {"const": value} | {"default": value}:
            return value
        case {"type": "array", "items": items}:
            return [example_of(items, schemas)]
        case {"properties": properties}:
            return {name: example_of(part, schemas) for name, part in properties.items()}
    raise ValueError(f"a schema without an example: {schema}")
