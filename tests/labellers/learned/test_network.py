"""The network's sums, against loops that follow its definition."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.labellers.learned.network import Network, Overview, Vocabulary, outputs_of, read
from training.labelling.weights import save

WIDTH, VECTOR, NUMBERS = 6, 3, 4


@pytest.fixture
def network() -> Network:
    random = np.random.default_rng(1)

    def some(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    return Network(
        mean=some(NUMBERS),
        scale=np.abs(some(NUMBERS)) + 0.5,
        vocabularies=(
            Vocabulary(np.array([3, 7, 9], np.uint32), some(3, VECTOR).astype(np.float16).astype(np.float32)),
        ),
        entry=(some(NUMBERS + VECTOR, WIDTH), some(WIDTH)),
        summary=(some(2 * WIDTH, WIDTH), some(WIDTH)),
        layers=((1, some(3, WIDTH, WIDTH), some(WIDTH)), (4, some(3, WIDTH, WIDTH), some(WIDTH))),
        middle=(some(WIDTH, WIDTH), some(WIDTH)),
        outcome=(some(WIDTH, 1), some(1)),
        overview=Overview((some(WIDTH, 1), some(1)), (some(3 * WIDTH, WIDTH), some(WIDTH))),
    )


HASHES, BLOCK = np.array([3, 5, 9, 3], np.uint32), np.array([0, 0, 0, 2])


@pytest.mark.parametrize("n", [3, 7])
@pytest.mark.parametrize("overview", [True, False])
def test_outputs(network: Network, n: int, overview: bool) -> None:
    network = network if overview else replace(network, overview=None)
    numbers = np.random.default_rng(2).normal(size=(n, NUMBERS)).astype(np.float32)
    assert network.outputs(numbers, [(HASHES, BLOCK)]) == pytest.approx(
        by_hand(network, numbers), rel=1e-4, abs=1e-4
    )


def by_hand(network: Network, numbers: np.ndarray) -> np.ndarray:
    n, vectors = len(numbers), network.vocabularies[0].vectors
    means = np.zeros((n, VECTOR))
    means[0], means[2] = (vectors[0] + vectors[2]) / 2, vectors[0]
    scaled = np.clip((numbers - network.mean) / network.scale, -5, 5)
    states = [
        np.maximum(np.append(s, m) @ network.entry[0] + network.entry[1], 0)
        for s, m in zip(scaled, means, strict=True)
    ]
    page = np.append(np.mean(states, 0), np.max(states, 0))
    states = [s + np.maximum(page @ network.summary[0] + network.summary[1], 0) for s in states]
    for distance, weights, bias in network.layers:
        before = [states[i - distance] if i >= distance else np.zeros(WIDTH) for i in range(n)]
        behind = [states[i + distance] if i + distance < n else np.zeros(WIDTH) for i in range(n)]
        states = [
            s + np.maximum(a @ weights[0] + s @ weights[1] + b @ weights[2] + bias, 0)
            for a, s, b in zip(before, states, behind, strict=True)
        ]
    if network.overview is not None:
        body = [
            1 / (1 + np.exp(-(s @ network.overview.guess[0] + network.overview.guess[1]))) for s in states
        ]
        kept, rest = (
            sum(b * s for b, s in zip(of, states, strict=True)) for of in (body, [1 - b for b in body])
        )
        page = np.concatenate(
            [kept / (sum(body) + 0.5), rest / (sum(1 - b for b in body) + 0.5), np.max(states, 0)]
        )
        states = [
            s + np.maximum(page @ network.overview.summary[0] + network.overview.summary[1], 0)
            for s in states
        ]
    states = [s + np.maximum(s @ network.middle[0] + network.middle[1], 0) for s in states]
    return np.array([s @ network.outcome[0] + network.outcome[1] for s in states])


_CROWDED = st.integers(0, 3) | st.integers(65_530, 65_540) | st.integers(2**32 - 4, 2**32 - 1)


@given(st.sets(_CROWDED, min_size=1), st.lists(_CROWDED | st.integers(0, 2**32 - 1)))
def test_a_known_hash_is_found_however_many_share_its_upper_half(known: set[int], asked: list[int]) -> None:
    ranked = sorted(known)
    vocabulary = Vocabulary(np.array(ranked, np.uint32), np.zeros((len(ranked), VECTOR), np.float32))
    found = vocabulary.hits((np.array(asked, np.uint32), np.arange(len(asked))))
    assert found.place.tolist() == [ranked.index(one) for one in asked if one in known]
    assert found.blocks.tolist() == [i for i, one in enumerate(asked) if one in known]


def test_words_that_two_networks_know_are_looked_up_once_and_others_again(network: Network) -> None:
    other = replace(
        network, vocabularies=(Vocabulary(np.array([5], np.uint32), np.ones((1, VECTOR), np.float32)),)
    )
    numbers = np.ones((4, NUMBERS), np.float32)
    together = list(outputs_of([network, network, other], numbers, [(HASHES, BLOCK)]))
    alone = [each.outputs(numbers, [(HASHES, BLOCK)]) for each in (network, network, other)]
    assert np.array_equal(together, alone)
    assert not np.array_equal(together[0], together[2])


@pytest.mark.parametrize("overview", [True, False])
def test_networks_are_read_as_they_were_written(network: Network, overview: bool) -> None:
    network = network if overview else replace(network, overview=None)
    file = io.BytesIO()
    save([network, network], file)
    file.seek(0)
    numbers = np.ones((5, NUMBERS), np.float32)
    for again in read(file):
        assert (
            again.outputs(numbers, [(HASHES, BLOCK)]).tolist()
            == network.outputs(numbers, [(HASHES, BLOCK)]).tolist()
        )
