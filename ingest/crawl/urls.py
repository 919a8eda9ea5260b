"""One form for each address, so that it is known when it comes again."""

from __future__ import annotations

from urllib.parse import urljoin

from courlan import normalize_url
from hyperlink import URL
from hyperlink import parse as parse_url

LONGEST = 1500  # characters; as of the url of a dump


def address_of(url: str, base: str | None = None) -> str | None:
    """The address in normal form (RFC 3986), without fragment and trackers; None for what is not to be fetched.

    That is what is no http or https address, holds a password, or is longer than `LONGEST`.
    """
    try:
        whole = parse_url(urljoin(base, url.strip()) if base else url.strip(), decoded=False)
        plain: URL = whole if isinstance(whole, URL) else whole.encoded_url
        if (
            plain.scheme.lower() not in ("http", "https")
            or not plain.host
            or plain.userinfo
            or not _is_port(plain)
        ):
            return None
        plain = plain.replace(fragment="").to_uri().normalize()
        address: str = normalize_url(plain.replace(path=plain.path or ("",)).to_text(), strict=False)
    except (
        ValueError,
        TypeError,
    ):  # brackets that hold no address, a port that is no number, bytes that are no name
        return None
    return address if len(address) <= LONGEST else None


def _is_port(url: URL) -> bool:
    return url.port is None or 0 < url.port < 65536
