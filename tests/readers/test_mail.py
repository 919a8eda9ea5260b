from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.readers.packing import found, read


def message(text: str | None = None, html: str | None = None, charset: str = "utf-8") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Bridge", "desk@example.org"
    if text is not None:
        mail.set_content(text, charset=charset)
    if html is not None:
        mail.add_alternative(html, subtype="html", charset=charset)
    return mail


def test_html_is_preferred_to_plain_text(tmp_path: Path) -> None:
    assert found(tmp_path / "a.eml", bytes(message("flat", "<p>page"))) == {"": b"<p>page\n"}
    assert [dump.media_type for dump in read(tmp_path / "a.eml")] == ["text/html; charset=utf-8"]
    assert found(tmp_path / "a.eml", bytes(message("flat"))) == {"": b"flat\n"}
    assert [dump.media_type for dump in read(tmp_path / "a.eml")] == ["text/plain; charset=utf-8"]


def test_the_transfer_encoding_is_undone_and_the_charset_told(tmp_path: Path) -> None:
    assert found(tmp_path / "a.eml", bytes(message("Brücke " * 30, charset="iso-8859-1"))) == {
        "": ("Brücke " * 30 + "\n").encode("latin-1")
    }
    assert [dump.media_type for dump in read(tmp_path / "a.eml")] == ["text/plain; charset=iso-8859-1"]


def test_attachments_are_spared(tmp_path: Path) -> None:
    mail = message("flat")
    mail.add_attachment("<p>attached", subtype="html", filename="a.html")
    mail.add_attachment(b"x" * 500, maintype="image", subtype="png")
    assert found(tmp_path / "a.eml", bytes(mail)) == {"": b"flat\n"}
    only = EmailMessage()
    only.add_attachment(b"x", maintype="image", subtype="png")
    assert found(tmp_path / "a.eml", bytes(only)) == {"": "empty"}


def mailbox(*mails: bytes) -> bytes:
    return b"".join(b"From desk@example.org Mon Jan  1 00:00:00 2024\n" + mail + b"\n" for mail in mails)


@pytest.mark.parametrize("name", ["a.mbox", "Inbox"])
def test_a_mailbox(tmp_path: Path, name: str) -> None:
    big = message("x" * 4000)
    mails = [
        bytes(message("one\nFrom here on\n")),
        bytes(message("x", "<p>two")),
        bytes(big),
        bytes(message("four")),
    ]
    huge = bytes(message("y" * 70 * 60_000))
    assert found(tmp_path / name, mailbox(*mails, huge, mails[3])) == {
        ":1": b"one\nFrom here on\n",
        ":2": b"<p>two\n",
        ":3": "too-large",
        ":4": b"four\n",
        ":5": "too-large",
        ":6": b"four\n",
    }


def test_no_mailbox(tmp_path: Path) -> None:
    assert found(tmp_path / "a.mbox", b"Subject: x\n\ny") == {"": "unreadable"}
    assert found(tmp_path / "a.mbox", b"\n\n") == {"": "empty"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b'Content-Type: text/html; charset="\xff"\n\nx',
        b"Content-Type: text/plain; charset*=bogus'x'%ff%\n\nx",
        b"Content-Type: multipart/mixed; boundary=\n\n--\nx",
        b"Content-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 2000,
        b"Content-Transfer-Encoding: base64\n\n!!!",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n\xff\xff\nend",
        b"Content-Type: text/plain; charset=nonsense\n\nx",
        b"Content-Disposition: \xff;;=\n\nx",
        b"Content-Type: message/rfc822\n\n" * 3000 + b"x",
        b"Content-Type: text/html;" + b" a=b;" * 150_000 + b"\n\nx",
        b"Content-Type: text/html;" + b"\n a=b;" * 150_000 + b"\n\nx",
    ],
)
def test_broken_mail_never_raises(tmp_path: Path, raw: bytes) -> None:
    assert len(found(tmp_path / "a.eml", raw, payload_bytes=1_000_000)) == 1
    assert len(found(tmp_path / "a.mbox", mailbox(raw), payload_bytes=1_000_000)) >= 1
