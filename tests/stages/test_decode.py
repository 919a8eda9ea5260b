"""Bytes to text: encodings, repairs, and what is no text."""

from __future__ import annotations

import pytest
from ftfy.badness import is_bad
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import UnusableDump
from ingest.stages import decode as decoding
from ingest.stages.decode import decode

TEXTS = {
    "cp1252": "“Süß”, sagte der Bäcker – und lächelte über die Straße hinweg, während es über Köln zu regnen begann.",
    "cp1251": "Правительство объявило в понедельник, что новые правила вступят в силу с первого числа следующего месяца.",
    "koi8_r": "Правительство объявило в понедельник, что новые правила вступят в силу с первого числа следующего месяца.",
    "iso8859_2": "Zażółć gęślą jaźń, powiedział minister podczas konferencji prasowej w Łodzi w poniedziałek.",
    "cp932": "政府は月曜日、新しい規則が来月一日から施行されると発表した。詳細はまだ明らかにされていない。",
    "euc_jp": "政府は月曜日、新しい規則が来月一日から施行されると発表した。詳細はまだ明らかにされていない。",
    "gb18030": "政府星期一宣布，新规定将于下个月一日起生效。细节尚未公布，但预计将影响数百万人的生活。",
    "big5": "政府星期一宣布，新規定將於下個月一日起生效。細節尚未公布，但預計將影響數百萬人的生活。",
    "cp1256": "أعلنت الحكومة يوم الاثنين أن القواعد الجديدة ستدخل حيز التنفيذ ابتداء من أول الشهر المقبل.",
    "utf-16": "Grüße aus der Stadt, in der es seit Wochen nicht geregnet hat.",
    "utf-32": "Grüße aus der Stadt, in der es seit Wochen nicht geregnet hat.",
    "utf-8": "Grüße, 世界, привет.",
    "utf-8-sig": "Grüße, 世界, привет.",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_common_encodings(encoding: str) -> None:
    decoded = decode(TEXTS[encoding].encode(encoding))
    assert decoded.text == TEXTS[encoding]
    assert decoded.repairs == ()


def test_charset_of_the_transport_and_of_the_page() -> None:
    word = "Žluťoučký kůň"
    assert decode(word.encode("cp1250"), "text/plain; charset=windows-1250").text == word
    page = f"<html><head><meta charset='windows-1250'></head><p>{word}</p></html>"
    assert word in decode(page.encode("cp1250")).text


def test_utf8_wins_over_a_wrong_meta_charset() -> None:
    page = "<html><head><meta charset='iso-8859-1'></head><p>Grüße</p></html>"
    assert "Grüße" in decode(page.encode()).text


def test_utf8_cut_within_a_character_stays_utf8() -> None:
    decoded = decode(("Grüße aus Köln. " * 20 + "ü").encode()[:-1])
    assert decoded.encoding == "utf-8"
    assert decoded.repairs == ("undecodable-bytes",)
    assert decoded.text.startswith("Grüße aus Köln.")


def test_mojibake_is_mended_line_by_line_and_recorded() -> None:
    good = "The café was closed on Monday."
    bad = good.encode().decode("cp1252")
    decoded = decode(f"{bad}\n{good}\n")
    assert decoded.text == f"{good}\n{good}\n"
    assert decoded.repairs == ("mojibake",)


def test_nul_and_surrogates_are_replaced_one_for_one() -> None:
    decoded = decode("a\x00b\ud800c")
    assert decoded.text == "a\ufffdb\ufffdc"
    assert decoded.repairs == ("nul", "surrogates")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bytes(1000), "binary"),
        (b"%PDF-1.4\n\x00\x01\x02", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(50), "binary"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00" + bytes(range(256)), "binary"),
        (bytes(range(1, 32)) * 100, "binary"),
    ],
)
def test_what_is_no_text(payload: bytes, reason: str) -> None:
    with pytest.raises(UnusableDump) as caught:
        decode(payload)
    assert caught.value.reason == reason


def test_media_type_that_we_do_not_read() -> None:
    with pytest.raises(UnusableDump) as caught:
        decode(b"x", "application/pdf")
    assert caught.value.reason == "unsupported"


@pytest.mark.parametrize(
    ("payload", "media_type"),
    [
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"\n <!-- c --><html><p>x", "text/html"),
        (b"<p>One.</p><p>Two.</p>", "text/html"),
        (b"Plain words with <b>one</b> <i>or</i> <a href='x'>two</a> tags in a line.", "text/plain"),
        (b"a < b and b > c", "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_sniffing(payload: bytes, media_type: str) -> None:
    assert decode(payload).media_type == media_type


@given(st.text(st.sampled_from("ab ,.Â ÃãŒ°œØÙ€™вЂГў’“\u0093\u00a0×²à\n"), max_size=60))
def test_the_short_way_to_mojibake(text: str) -> None:
    assert decoding._is_broken(text) == is_bad(text)
