"""How dumps come: containers, watched folders."""

from __future__ import annotations

from pydantic import Field

from ingest.settings.section import Section


class Containers(Section):
    """Settings of archives, tables, web archives and the like: how far they are opened, and what in them is text."""

    members: int = Field(
        1_000_000, gt=0, description="Files read of one zip or tar; what comes after is dead with one reason."
    )
    ratio: float = Field(
        200.0,
        ge=1,
        description="Bytes that a container may unpack to, for each of its own; the first 100 MB are free.",
    )
    spool_bytes: int = Field(
        4_000_000_000,
        gt=0,
        description="Largest zip or Parquet file that is copied to the temporary folder, for it cannot be read in one pass.",
    )
    text_fields: tuple[str, ...] = Field(
        ("html", "raw_html", "content_html", "text", "content", "body"),
        min_length=1,
        description="Names of the field with the dump in JSON, CSV and Parquet; the first that holds something.",
    )
    url_fields: tuple[str, ...] = Field(
        ("url", "link", "uri"), description="Names of the field with its address."
    )
    source_fields: tuple[str, ...] = Field(
        ("source", "site", "publisher"), description="Names of the field that says where it came from."
    )
    id_fields: tuple[str, ...] = Field(
        ("id", "_id", "guid"), description="Names of the field with its id, which is shown in its name."
    )
    media_type_fields: tuple[str, ...] = Field(
        ("media_type", "content_type", "mime_type"),
        description="Names of the field with its media type; else the name of the text field says html, or the text is sniffed.",
    )


class Watch(Section):
    """Settings of watched folders."""

    settled_after: float = Field(
        2.0,
        gt=0,
        description="Seconds without a change of size or time after which a file is taken to be whole; 2: the coarsest file times (FAT).",
    )
    rescan_every: float = Field(
        600.0,
        gt=0,
        description="Seconds after which all is looked through, for what the system did not tell: its queue of changes has an end.",
    )
