"""Settings whose values are files in a folder, as container platforms hand out secrets.

A secret in the environment is shown to whoever may inspect a container and goes to every child process; a file
is read by who may read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic_settings import SecretsSettingsSource

from ingest.errors import UsageError


class SecretFiles(SecretsSettingsSource):
    """Files named as the environment's variables, in small letters: `ingest_store`, `ingest_broker`.

    Space around a value is dropped, files of other names are left alone.  Raises UsageError where the folder or
    a file is not what it should be: going on without would mean another store than the one that was meant.
    """

    def __call__(self) -> dict[str, Any]:
        if self.secrets_dir is None:
            return {}
        folder = Path(str(self.secrets_dir)).expanduser()
        if not folder.is_dir():
            raise UsageError(f"INGEST_SECRETS names {folder}, and no such folder is there")
        try:
            for path in folder.iterdir():
                if path.name.lower().startswith(self.env_prefix.lower()):
                    _check(path, folder)
            return super().__call__()
        except OSError as error:
            raise UsageError(f"cannot read the secret {error.filename}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"a secret in {folder} is not UTF-8: {error.reason}") from error


def _check(path: Path, folder: Path) -> None:
    if not path.read_text("utf-8").strip():
        raise UsageError(f"the secret {path} is empty")
    if folder.resolve() not in path.resolve().parents:
        raise UsageError(f"the secret {path} leads out of its folder, and is not followed")
