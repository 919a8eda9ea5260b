"""URLs as they may be shown: in messages, logs and files that others read."""

from __future__ import annotations

import re

_HIDDEN = "***"
_SECRET_VALUE = re.compile(r"([?&][\w.-]*(?:pass|pwd|secret|token|key)[\w.-]*=)[^&]*", re.IGNORECASE)
_END_OF_NAME = re.compile(r"[:/?#@]")
_PORT = re.compile(r"\d*")


def redacted(url: str) -> str:
    """The URL without its password, be it well formed or not; what has none is spared.

    A password with an "@" or "/" in it is what most often makes an URL wrong.  So all between the user's name and
    the last "@" is taken for one, and where there is no "@", all behind a ":" that is no port.
    """
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    if rest.startswith("/"):  # a path, of a file or a socket
        return url
    rest = _SECRET_VALUE.sub(rf"\1{_HIDDEN}", rest)
    before, at, after = rest.rpartition("@")
    if at:
        name = _END_OF_NAME.split(before, maxsplit=1)[0]
        rest = f"{name}@{after}" if name == before else f"{name}:{_HIDDEN}@{after}"
    elif not rest.startswith("["):  # an address of IPv6 has colons of its own
        host, colon, port = rest.partition(":")
        if colon and not _PORT.fullmatch(re.split(r"[/?#]", port, maxsplit=1)[0]):
            rest = f"{host}:{_HIDDEN}"
    return f"{scheme}{mark}{rest}"
