"""New payloads are packed by Zstandard, those that are there stay as they are.

No table changes: the revision keeps programs of before from meeting payloads that they cannot unpack.
"""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Nothing to do to what is stored."""
