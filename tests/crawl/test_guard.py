from __future__ import annotations

import pytest

from ingest.crawl.guard import Guard, is_public
from ingest.crawl.urls import address_of


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:db8::1",
        "host",
    ],
)
def test_what_only_some_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert not Guard([]).permits("example.org", 80, address)
    assert Guard(["Example.org"]).permits("example.org.", 80, address)
    assert Guard(["example.org:8080"]).permits("example.org", 8080, address)
    assert not Guard(["example.org:8080", "org"]).permits("example.org", 80, address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"]
)
def test_what_everybody_can_reach_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("HTTP://www.Example.org:80/a/../b?utm_source=x&b=2&a=1#frag", "http://www.example.org/b?a=1&b=2"),
        ("https://example.org", "https://example.org/"),
        ("http://127.0.0.1:8080/a?id=3#c", "http://127.0.0.1:8080/a?id=3"),
        ("https://example.org/%7Euser/stra\u00dfe", "https://example.org/~user/stra%C3%9Fe"),
        ("/b?page=2", "https://base.example/b?page=2"),
        ("ftp://example.org/", None),
        ("javascript:void(0)", None),
        ("http://user:secret@example.org/", None),
        ("http://[::1", None),
        ("http://example.org:99999/", None),
        ("https://example.org/" + "x" * 1500, None),
    ],
)
def test_an_address_has_one_form(url: str, address: str | None) -> None:
    assert address_of(url, "https://base.example/a/") == address
    assert address is None or address_of(address) == address
