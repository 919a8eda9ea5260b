"""What is in a data set, and how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from ingest.dataset.place import Place
from ingest.errors import UsageError
from ingest.export import Format

NAME = "_manifest.json"  # the underscore: readers of data sets pass over it
_VERSION = 1


@dataclass(slots=True)
class File:
    documents: int
    bytes: int
    sha256: str
    cursor: int  # of the last change that it may hold


@dataclass(slots=True)
class Manifest:
    """On it, the next export goes on."""

    format: Format
    only_unique: bool
    cursor: int = 0  # all up to here is in the files
    files: dict[str, File] = field(default_factory=dict)  # by their paths, below the folder
    # By path, a digest of the copies that stand there for their group, and of originals for which another one does.
    stand_ins: dict[str, str] = field(default_factory=dict)
    version: int = _VERSION

    @property
    def documents(self) -> int:
        return sum(file.documents for file in self.files.values())

    def note_stand_ins(self, path: str, digest: str | None) -> None:
        self.stand_ins.pop(path, None)
        if digest is not None:
            self.stand_ins[path] = digest

    def keep(self, place: Place) -> None:
        said = asdict(self)
        said |= {name: dict(sorted(said[name].items())) for name in ("files", "stand_ins")}
        with place.written(NAME) as file:
            file.write(json.dumps(said, indent=1).encode())


def manifest_at(place: Place) -> Manifest | None:
    """None where there is none.  Raises UsageError for one that is not ours."""
    content = place.read(NAME)
    if content is None:
        return None
    try:
        said = json.loads(content)
        files = {path: File(**file) for path, file in said.pop("files").items()}
        found = Manifest(**said, files=files)
    except (ValueError, KeyError, TypeError, AttributeError):
        found = None
    if found is None or found.version != _VERSION:
        raise UsageError(f"{NAME} in {place.shown} is none of ours: give another folder")
    return found
