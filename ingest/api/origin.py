"""What clients say about dumps: where they come from, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

# What clients send where they know nothing of the content; the last is curl's word for any --data-binary.
_UNSAID = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded"})


def _at_most(size: int) -> Callable[[str], str]:
    """Bytes, so that a sighting fits into an index row of any database."""

    def fits(value: str) -> str:
        if len(value.encode()) > size:
            raise ValueError(f"more than {size} bytes of UTF-8")
        return value

    return fits


MediaType = Annotated[
    str, Field(max_length=255, pattern=r"^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+[ \t]*(;[ -~]*)?$")
]
_media_type = TypeAdapter[str](MediaType)


class Origin(BaseModel):
    """Where dumps come from."""

    model_config = ConfigDict(extra="forbid")  # a misspelt name is told, not passed over

    source: Annotated[str, AfterValidator(_at_most(200))] | None = Field(
        None,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*$",
        description="A name for where it comes from: a site, a feed, an agency. At most 200 bytes.",
        examples=["wire"],
    )
    url: Annotated[str, AfterValidator(_at_most(1500))] | None = Field(
        None,
        pattern=r"^(https?://[^\s\x00-\x1f\x7f-\x9f]+)?$",
        description="Its address, http or https. At most 1500 bytes.",
        examples=["https://example.org/story"],
    )


class Fields(Origin):
    """The fields of a form beside its files."""

    media_type: MediaType | None = Field(
        None,
        description="What all its files are, in place of what their parts say.",
        examples=["text/html; charset=utf-8"],
    )


def fields_of(form: Mapping[str, str]) -> Fields:
    """Raises RequestValidationError."""
    try:
        return Fields.model_validate(form)
    except ValidationError as error:
        raise _told(error, "body") from error


def media_type_of(header: str | None) -> str | None:
    """None where the header says nothing of the content.  Raises RequestValidationError."""
    if not header or header.partition(";")[0].strip().lower() in _UNSAID:
        return None
    try:
        return _media_type.validate_python(header)
    except ValidationError as error:
        raise _told(error, "header", "content-type") from error


def invalid(place: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("body", place), "msg": message}])


def _told(error: ValidationError, *place: str) -> RequestValidationError:
    faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors()]
    return RequestValidationError([{**fault, "loc": (*place, *fault["loc"])} for fault in faults])
