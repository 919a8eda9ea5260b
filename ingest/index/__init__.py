"""The near-copy index: which earlier document a text copies, if any."""

from ingest.index.deduplicator import Deduplicator
from ingest.index.protocol import NearCopyIndex, Verdict

__all__ = ["Deduplicator", "NearCopyIndex", "Verdict"]
