"""How much of a text's second half comes out when its first is given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ondevice.privacy.leakage.extraction import VERBATIM_TOKENS, Extracted, longest_run, mean_shares

TOKENS = st.lists(st.integers(0, 3), max_size=12)


@given(TOKENS, TOKENS)
def test_the_longest_run_is_the_one_that_is_found_by_looking_everywhere(first: list[int], second: list[int]) -> None:
    runs = [first[start:end] for start in range(len(first)) for end in range(start, len(first) + 1)]
    inside = [run for run in runs if any(second[at : at + len(run)] == run for at in range(len(second) + 1))]
    assert longest_run(first, second) == max(map(len, inside), default=0)


def test_what_the_base_writes_too_was_not_given_away() -> None:
    assert Extracted(n_tokens=40, adapted=VERBATIM_TOKENS, plain=0).is_verbatim
    assert not Extracted(n_tokens=40, adapted=VERBATIM_TOKENS - 1, plain=0).is_verbatim
    assert not Extracted(n_tokens=40, adapted=VERBATIM_TOKENS, plain=1).is_verbatim


def test_shares_are_means_over_texts() -> None:
    found = [Extracted(n_tokens=10, adapted=10, plain=0), Extracted(n_tokens=40, adapted=20, plain=10)]
    assert mean_shares(found) == (0.75, 0.125)
