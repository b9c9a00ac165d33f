import pytest

from ondevice.adaptation.recipes.front import front, hypervolume, widest

PAIRS = [(3.0, 1.0), (2.0, 2.0), (2.5, 3.0), (1.0, 4.0), (1.0, 4.0), (1.0, 5.0)]


def test_the_front_holds_what_nothing_beats_smallest_first() -> None:
    assert front(PAIRS) == [0, 1, 3]
    assert front([]) == []


def test_the_area_is_that_of_the_steps() -> None:
    # Steps from size 1 to 2 at loss 3, from 2 to 4 at 2, from 4 to 6 at 1, all below a loss of 4.
    assert hypervolume(PAIRS, (4.0, 6.0)) == 1 * (4 - 3) + 2 * (4 - 2) + 2 * (4 - 1)


@pytest.mark.parametrize("pair", [(4.0, 1.0), (1.0, 6.0), (5.0, 7.0)])
def test_what_is_not_better_than_the_reference_adds_nothing(pair: tuple[float, float]) -> None:
    assert hypervolume([pair], (4.0, 6.0)) == 0
    assert hypervolume([*PAIRS, pair], (4.0, 6.0)) == hypervolume(PAIRS, (4.0, 6.0))


def test_the_widest_begin_with_the_lowest_loss_and_add_the_most_area() -> None:
    # Beside (1, 4), (2, 2) adds 4, (3, 1) adds 3.
    assert widest(PAIRS, 3, (4.0, 6.0)) == [3, 1, 0]
    assert widest(PAIRS, 0, (4.0, 6.0)) == []
    # None of the others adds any area: the lower loss comes first.
    assert widest(PAIRS, 9, (4.0, 6.0)) == [3, 1, 0, 4, 5, 2]
