from __future__ import annotations

import json
from pathlib import Path

import pytest

import ingest
from tests.readers.packing import found, read

PROSE = "The council met on Tuesday and agreed to close the old bridge for two years. " * 4
RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- made by hand -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Daily &amp; Co</title><link>http://example.org/</link>
<item><title>Bridge to close &lt;now&gt;</title><link>http://example.org/a</link>
<pubDate>Tue, 02 Jan 2024 10:00:00 +0200</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{PROSE}</p><p>{PROSE}</p>]]></content:encoded></item>
<item><title>Only a summary</title><link>http://example.org/b</link><description>A summary &amp;amp; more.</description></item>
<item><title>Nothing</title><link>http://example.org/c</link></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Daily</title>
<entry><title>Bridge</title><link href="http://example.org/a"/><author><name>A. Writer</name></author>
<published>2024-01-02T08:00:00Z</published><content type="html">&lt;p&gt;{PROSE}&lt;/p&gt;</content></entry>
<entry><title>Flat</title><link href="http://example.org/b"/><summary>one&lt;two</summary></entry></feed>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Daily",
    "items": [
        {"id": "1", "url": "http://example.org/a", "title": "Bridge", "content_html": f"<p>{PROSE}</p>"},
        {
            "id": "2",
            "url": "http://example.org/b",
            "content_text": "one < two\nlines",
            "authors": [{"name": "A"}, 5],
        },
        {"id": "3", "url": "http://example.org/c"},
        5,
    ],
}


@pytest.mark.parametrize("name", ["d.rss", "d.xml", "d", "d.xml.gz"])
def test_rss(tmp_path: Path, name: str) -> None:
    results = found(tmp_path / name, RSS.encode())
    assert list(results) == [":1", ":2", ":3"]
    assert results[":3"] == "empty"
    first, second, third = read(tmp_path / name)
    assert (first.source, first.url, first.media_type) == ("Daily & Co", "http://example.org/a", "text/html")
    assert second.payload is not None
    assert b"A summary &amp; more." in second.payload
    assert third.fault is not None
    assert "http://example.org/c" in third.fault[1]


def test_an_entry_becomes_a_page_that_gives_its_article(tmp_path: Path) -> None:
    (tmp_path / "d.rss").write_text(RSS, encoding="utf-8")
    first = read(tmp_path / "d.rss", payload_bytes=100_000)[0]
    assert first.payload is not None
    (article,) = ingest.clean(first.payload, media_type=first.media_type, url=first.url).articles
    assert article.title == "Bridge to close <now>"
    assert article.published is not None
    assert article.published.startswith("2024-01-02")
    assert "agreed to close the old bridge" in article.text


def test_atom(tmp_path: Path) -> None:
    (tmp_path / "d.atom").write_text(ATOM, encoding="utf-8")
    first, second = read(tmp_path / "d.atom")
    assert first.payload is not None
    assert second.payload is not None
    assert b"<p>The council" in first.payload
    assert b'<meta name="author" content="A. Writer">' in first.payload
    assert b"<p>one&lt;two</p>" in second.payload


def test_json_feed(tmp_path: Path) -> None:
    results = found(tmp_path / "d.json", json.dumps(JSON_FEED).encode())
    assert [type(value) for value in results.values()] == [bytes, bytes, str, str]
    first, second, *_ = read(tmp_path / "d.json")
    assert (first.source, first.url) == ("Daily", "http://example.org/a")
    assert second.payload is not None
    assert b"<p>one &lt; two</p>\n<p>lines</p>" in second.payload


def test_the_same_feed_gives_the_same_dumps(tmp_path: Path) -> None:
    (tmp_path / "d.rss").write_text(RSS, encoding="utf-8")
    assert read(tmp_path / "d.rss") == read(tmp_path / "d.rss")


def test_xml_that_is_no_feed_stays_whole(tmp_path: Path) -> None:
    content = b"<?xml version='1.0'?><nitf><body>rss feed</body></nitf>"
    assert found(tmp_path / "d.xml", content) == {"": content}


def test_damaged_feeds(tmp_path: Path) -> None:
    assert ":1" in found(tmp_path / "d.rss", RSS.encode()[:900])
    assert list(found(tmp_path / "d.rss", b"<rss>").keys()) == [""]
    assert found(tmp_path / "d.rss", b"<rss>" + b"x" * 4_000_000) == {"": "too-large"}


def test_nothing_outside_is_asked_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret words")
    evil = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss><channel><item><title>t</title><description>&x;</description></item></channel></rss>'
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss><channel><item><description>&l11;</description></item></channel></rss>'
    for content in (evil, bomb):
        for name in ("d.rss", "d.xml"):
            results = found(tmp_path / name, content.encode(), payload_bytes=100_000)
            assert not [
                v
                for v in results.values()
                if isinstance(v, bytes) and (b"secret words" in v or len(v) > 50_000)
            ]
