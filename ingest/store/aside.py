"""Large payloads beside the database: files named by their content, in a folder or a bucket."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from ingest.errors import Unavailable
from ingest.redaction import redacted
from ingest.store.packing import BROKEN, packed, unpacked


class Aside:
    """A folder or an fsspec URL (s3://bucket/prefix) that takes what has more than `over` bytes.

    A file appears under its name when it is whole.  It is written before its row is committed: what is left of
    a transaction that failed is a file that the next push of the same bytes finds there.
    """

    def __init__(self, url: str, over: int) -> None:
        self._url, self._over = url, over

    def takes(self, payload: bytes) -> bool:
        return len(payload) > self._over

    def put(self, dump_id: str, payload: bytes) -> None:
        """Raises Unavailable."""
        import fsspec  # here: it takes a while, and few payloads are large

        try:
            files, path = fsspec.core.url_to_fs(f"{self._url}/{_name(dump_id)}")
            if files.exists(path):
                return
            files.makedirs(files._parent(path), exist_ok=True)
            unfinished = f"{path}.{uuid4().hex}.part"
            with files.open(unfinished, "wb") as file:
                file.write(packed(payload))
            files.mv(unfinished, path)
        except (OSError, ImportError, ValueError) as error:
            raise Unavailable(
                f"the payload folder {redacted(self._url)} cannot be written: {error}"
            ) from error

    def get(self, dump_id: str) -> bytes | None:
        """The payload; None where it is there no more, or is not what was put there.  Raises Unavailable."""
        import fsspec  # here: it takes a while, and few payloads are large

        try:
            files, path = fsspec.core.url_to_fs(f"{self._url}/{_name(dump_id)}")
            payload = unpacked(files.cat_file(path))
        except (FileNotFoundError, *BROKEN):
            return None
        except (OSError, ImportError, ValueError) as error:
            raise Unavailable(f"the payload folder {redacted(self._url)} cannot be read: {error}") from error
        return payload if hashlib.sha256(payload).hexdigest() == dump_id else None


def _name(dump_id: str) -> str:
    return (
        f"{dump_id[:2]}/{dump_id}.z"  # a folder holds one part in 256: some systems slow down in large ones
    )
