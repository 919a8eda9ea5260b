"""What is to be known of the splitter before it is used, written down beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import fmean

from training.splitting import network, wholes
from training.splitting.ablation import AT
from training.splitting.examples import File
from training.splitting.lexicon import PASSAGE, SITES, SUBJECTS
from training.splitting.scoring import THRESHOLDS, Row

_LEVELS = ("raw", "head", "para", "sent", "near", "nearh")


def card_of(files: Sequence[File], curve: str, cues: Mapping[str, Sequence[Row]], *, words: int) -> str:
    """Markdown.  `curve`: scores on held-out sites; `cues`: those without each cue."""
    levels = Counter(file.mix.level for file in files)
    return f"""# splitter

Says which spans of a page open a further story.  Networks of `ingest.labellers.learned` of two kinds: the first read
every span and the gap before it, the second compare the whole stories between the likely boundaries
(`ingest.splitting`); of the first kind there are {network.RECIPE.members}, of the second {wholes.RECIPE.members}, of other seeds, whose mean counts.
Fitted by `python -m training.splitter PAGES`.

## Data

{len(files)} files made from a page set (`benchmarks/mixes.py`; the pages are those of labeller-flat.md),
{sum(len(file.opens) for file in files):,} spans: {", ".join(f"{name} {n}" for name, n in levels.most_common())}.
They are labelled by the labeller as it is shipped, which was fitted to the same pages; its threshold varies.
The networks of the second kind are fitted to as many other ones.  {100 * network.SHORT:g} % of the stories in mixed files are told in
their first 2 to 4 paragraphs alone, {100 * wholes.SHORT:g} % for the second kind; half as many of all stories, single ones too, get headings
of their own words over parts of that length.

The weights hold no text: hashes of {words:,} words that stood on at least {SITES} sites, how rare each is, {SUBJECTS}
numbers of what each is about (latent semantic analysis of passages of {PASSAGE} words), and the networks' numbers.

Each file is read with the words of other folds than its own, and what is seen of a single story counts {wholes.SINGLES} times.

## Scores

On files of sites that neither network saw, nor the words (two halves, so all of them of half of the sites), every fourth
file: the share of mixed files that are cut exactly, and of single stories that are cut at all, by threshold.

{curve}

## Cues

Mixed files of the first half that are cut exactly at {AT:g}, with the cue set to its mean and nothing fitted anew:

{_by_cue(cues)}

## Recipes

first: {asdict(network.RECIPE)}

wholes: {asdict(wholes.RECIPE)}

## Known failures

- Neighbours of one subject without titles are hardly told apart; nor are stories of two paragraphs.
- Short stories without furniture are often left with their neighbours.
- Of the single news stories that are cut most are German, whose words are little known.
- The mixes are a generator's: stories follow each other at random, captions and repeats are invented.
- All but English (and some German) is little seen; in other languages the words' weights are 1, and nothing is known of
  what they are about.
"""


def _by_cue(cues: Mapping[str, Sequence[Row]]) -> str:
    at = THRESHOLDS.index(AT)
    lines = ["| left out | " + " | ".join(_LEVELS) + " | single stories cut |", "|---|" + "---|" * 7]
    for cue, rows in cues.items():
        shares = [fmean(row.right[at] for row in rows if row.level == level) for level in _LEVELS]
        cut = 1 - fmean(row.right[at] for row in rows if not row.mixed)
        lines.append(f"| {cue} | " + " | ".join(f"{share:.2f}" for share in shares) + f" | {cut:.3f} |")
    return "\n".join(lines)
