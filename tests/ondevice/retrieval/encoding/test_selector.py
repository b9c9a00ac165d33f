"""The selector's model: scores by hand, and a second text that no length of the first pushes out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ondevice.bundle import Bundle
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.encoding.selector import CrossEncoder, decide
from ondevice.retrieval.encoding.tokenizing import PairTokenizer
from tests.tiny_models import WORDS, make_tiny_encoder
from tests.tiny_selector import make_tiny_selector, score_by_hand, weight_of


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_selector(tmp_path_factory.mktemp("bundles") / "tiny-selector")


@pytest.fixture
def selector(bundle: Bundle) -> Iterator[CrossEncoder]:
    with CrossEncoder.open(bundle, threads=1) as opened:
        yield opened


def test_scores_by_hand(selector: CrossEncoder) -> None:
    pairs = [("coffee cake", "tea"), ("Train to Paris", ""), ("", "dog"), ("", "")]
    out = selector.score(pairs)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, [score_by_hand(a.lower(), b) for a, b in pairs], rtol=1e-6)


@pytest.mark.parametrize("columns", [0, 1])
def test_both_shapes_of_a_score_are_read(tmp_path: Path, columns: int) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, columns=columns)) as selector:
        np.testing.assert_allclose(selector.score([("tea", "cake")] * 3), [score_by_hand("tea", "cake")] * 3)


def test_a_graph_that_asks_for_no_token_types(tmp_path: Path) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, token_types=False)) as selector:
        np.testing.assert_allclose(selector.score([("tea", "cake")]), [weight_of("tea") + weight_of("cake")])


def test_order_and_scores_do_not_depend_on_the_batch(selector: CrossEncoder) -> None:
    pairs = [(" ".join(WORDS[: 1 + (n * 5) % 11]), " ".join(WORDS[n % 7 : n % 7 + n % 4])) for n in range(40)]
    by_hand = [score_by_hand(*pair) for pair in pairs]
    for batch in (1, 3, 40, 500):
        np.testing.assert_allclose(selector.score(pairs, batch=batch), by_hand, rtol=1e-6)


def test_a_long_first_text_never_costs_the_second_a_word(tmp_path: Path) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, max_tokens=13)) as selector:  # 10 words and 3 special tokens
        out = selector.score([("coffee " * 500, "tea tea tea"), ("coffee " * 500, "tea " * 7), ("coffee " * 500, "")])
    coffee, tea = weight_of("coffee"), weight_of("tea")
    # Alone, without the second separator, the first text has room for one word more.
    np.testing.assert_allclose(out, [7 * coffee + 9 * tea, 3 * coffee + 21 * tea, 11 * coffee])


def test_a_long_second_text_leaves_the_first_its_quarter(tmp_path: Path) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, max_tokens=13)) as selector:
        out = selector.score([("coffee " * 500, "tea " * 500), ("coffee", "tea " * 500), ("", "tea " * 500)])
    coffee, tea = weight_of("coffee"), weight_of("tea")
    np.testing.assert_allclose(out, [2 * coffee + 24 * tea, coffee + 27 * tea, 30 * tea])


def test_both_texts_keep_their_beginnings(tmp_path: Path) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, max_tokens=7)) as selector:
        out = selector.score([("dog cat bird horse", "rose rain")])
    np.testing.assert_allclose(out, [score_by_hand("dog cat", "rose rain")])


def test_progress_counts_up_to_the_total(selector: CrossEncoder) -> None:
    seen: list[tuple[int, int]] = []
    selector.score([("a", "b")] * 10, batch=4, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(4, 10), (8, 10), (10, 10)]


def test_nothing_in_is_nothing_out(selector: CrossEncoder) -> None:
    assert selector.score([]).shape == (0,)


def test_any_text_at_all_gets_a_finite_score(selector: CrossEncoder) -> None:
    texts = ["", " ", "\x00", "\ud800 half", "🙂" * 50, "a" * 100_000, "\n\t", "word " * 50_000]
    assert np.isfinite(selector.score([(a, b) for a in texts for b in texts])).all()


def test_several_threads_get_their_own_scores(selector: CrossEncoder) -> None:
    groups = [[(" ".join(WORDS[n : n + 6]), WORDS[(n + k) % 50]) for k in range(9)] for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        for group, out in zip(groups, pool.map(selector.score, groups), strict=True):
            np.testing.assert_allclose(out, [score_by_hand(*pair) for pair in group], rtol=1e-6)


def test_the_id_is_the_bundles(selector: CrossEncoder, bundle: Bundle) -> None:
    assert selector.id == bundle.id
    assert repr(selector) == f"CrossEncoder({bundle.id!r}, max_tokens=64)"


def test_a_graph_of_two_scores_is_refused_when_opened(tmp_path: Path) -> None:
    bundle = make_tiny_selector(tmp_path, columns=2)
    with pytest.raises(ModelMismatchError, match=r"shape \[2, 2\] for 2 pairs, but one score"):
        CrossEncoder.open(bundle)


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with CrossEncoder.open(make_tiny_selector(tmp_path, poison="poem")) as selector:
        selector.score([("coffee", "tea")])
        with pytest.raises(BundleError, match="not finite") as caught:
            selector.score([("coffee", "poem")])
    assert "poem" not in str(caught.value)


def test_a_tokenizer_that_does_not_join_in_order_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_selector(tmp_path, pairs=False)
    with pytest.raises(BundleError, match="does not join two texts"):
        CrossEncoder.open(bundle)


def test_a_length_without_room_for_both_texts_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_selector(tmp_path, max_tokens=5)
    CrossEncoder.open(bundle).close()
    object.__setattr__(bundle.selector, "max_tokens", 4)
    with pytest.raises(BundleError, match="max_tokens 4, too few for a pair"):
        CrossEncoder.open(bundle)


def test_a_bundle_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is of kind 'encoder', but 'selector' is needed"):
        CrossEncoder.open(make_tiny_encoder(tmp_path))


def test_a_batch_of_nothing_is_misuse(selector: CrossEncoder) -> None:
    with pytest.raises(ValueError, match="batch must be 1 or more"):
        selector.score([("a", "b")], batch=0)


def test_use_after_close_is_misuse(bundle: Bundle) -> None:
    selector = CrossEncoder.open(bundle)
    selector.close()
    with pytest.raises(ValueError, match="closed"):
        selector.score([("tea", "cake")])


def test_an_empty_second_text_is_none_and_brings_no_separator(tmp_path: Path) -> None:
    bundle = make_tiny_selector(tmp_path)
    tokenizer = PairTokenizer(bundle.file("tokenizer"), model="tiny", max_tokens=8)
    alone, spaces = tokenizer.tokenize([("coffee", ""), ("coffee", " ")])
    coffee = 4 + WORDS.index("coffee")
    assert alone == ([2, coffee, 3], [0, 0, 0])
    assert spaces == ([2, coffee, 3, 3], [0, 0, 0, 1])


@pytest.mark.parametrize(
    ("shares", "default", "lead", "place"),
    [
        ([0.2, 0.5, 0.3], None, 0.9, 1),
        ([0.4, 0.2, 0.4], None, 0.0, 0),
        ([0.2, 0.5, 0.3], 2, 0.1, 1),
        ([0.2, 0.5, 0.3], 2, 0.25, 2),
        ([0.0, 1.0], 0, 1.0, 0),
        ([0.3, 0.7], 0, 0.0, 1),
        ([0.5, 0.5], 1, 0.0, 0),
        ([0.5, 0.5], 1, 0.01, 1),
        ([1.0], 0, 0.5, 0),
    ],
)
def test_the_default_is_left_only_for_a_lead(shares: list[float], default: int | None, lead: float, place: int) -> None:
    assert decide(shares, default, lead) == place
