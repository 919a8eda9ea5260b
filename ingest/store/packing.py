"""Payloads as the store keeps them: packed by Zstandard; those of stores before revision 0013 by zlib."""

from __future__ import annotations

import sys
import zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# News pages: a third of zlib's time at its level 4, about half of it to unpack, 14 % fewer bytes.
_LEVEL = 3
_MAGIC = b"\x28\xb5\x2f\xfd"  # which no zlib stream begins with
BROKEN = (zlib.error, zstd.ZstdError)  # what `unpacked` raises


def packed(payload: bytes) -> bytes:
    return zstd.compress(payload, _LEVEL)


def unpacked(kept: bytes) -> bytes:
    """Raises one of `BROKEN` for what is damaged, or was never packed."""
    return zstd.decompress(kept) if kept.startswith(_MAGIC) else zlib.decompress(kept)
