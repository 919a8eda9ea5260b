"""Lists of words written as prose: the form in which data of this kind is read and edited best."""

from __future__ import annotations


def word_tuple(words: str) -> tuple[str, ...]:
    """The words of a text, in order."""
    return tuple(words.split())


def word_set(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())
