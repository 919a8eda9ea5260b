"""What is to be known of a network before it is used, written down beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from training.labelling.examples import Example
from training.labelling.recipe import Recipe
from training.labelling.scoring import Scores, as_markdown

_WHAT = {
    "html": "which blocks of an HTML page are body: numbers of their text and of the mark-up around them, words, class tokens.",
    "flat": "which lines of a flat text dump are body: numbers of their text and place, words; no mark-up.",
}


def card_of(
    kind: str,
    recipe: Recipe,
    examples: Sequence[Example],
    found: Mapping[str, Mapping[str, tuple[int, Scores]]],
    *,
    folds: tuple[int, int],
) -> str:
    """Markdown.  `found`: scores on held-out sites, from so many of so many folds."""
    entries = {e.entry.id: e.entry for e in examples}.values()
    languages = Counter(entry.language or "unknown" for entry in entries)
    sources = Counter(entry.source for entry in entries)
    sites = len({entry.site for entry in entries})
    return f"""# labeller-{kind}

Says {_WHAT[kind]} Read by `ingest.labellers.learned`; fitted by
`python -m training.labeller PAGES`.

## Data

{len(entries)} pages of {sites} sites ({", ".join(f"{name} {n}" for name, n in sources.most_common())}), in the styles
{", ".join(dict.fromkeys(e.style for e in examples))}: {sum(len(e.target) for e in examples):,} blocks. Languages:
{", ".join(f"{name} {n}" for name, n in languages.most_common(12))}, and others.

- WCXB, the web content extraction benchmark, by Murrough Foley, development part, CC-BY-4.0.
- Fundus, parser test pages, MIT, (c) 2023 Max Dallabetta, Conrad Dobberstein, Aaron Wey.
- Fundus' evaluation set, MIT, (c) 2024 Conrad Dobberstein.

The weights hold no text: hashes of words that stood on at least {recipe.sites[0]} sites, and numbers.

## Scores

Means over pages that were held out with their whole sites ({folds[0]} of {folds[1]} folds), by words, before rules,
titles and captions are told apart:

{as_markdown(found)}

## Recipe

{asdict(recipe)}

## Known failures

- The gold differs in what it counts: code, tables, comments of a forum, a page's title. The network learned a mean.
- Pages of lists, products and collections: their body looks like other pages' furniture.
- Languages that few pages show (all but English and German) are read by numbers and mark-up, hardly by words.
- Live blogs: entries far from the first may be left out. Related stories printed whole are often kept.
"""
