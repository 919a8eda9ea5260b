"""What all sections share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of config/default.toml: read once, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
