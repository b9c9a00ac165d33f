"""Controls that fail are told by name: an instrument that sees nothing, and one that sees what is not there."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice.privacy.leakage.area import Area
from ondevice.privacy.leakage.attacks import RATIO
from ondevice.privacy.leakage.canaries import MOST_BITS, N_CANARIES
from ondevice.privacy.leakage.controls import Controls, is_told
from ondevice.privacy.leakage.outcome import Attacked, LeftOut, Outcome
from ondevice.privacy.leakage.practice import N_INVENTED, invented
from ondevice.privacy.leakage.section import _findings, _untested


def areas(low: float) -> dict[str, Area]:
    return {RATIO: Area(value=(1 + low) / 2, low=low, high=1.0, found=None)}


def controls(**other: Any) -> Controls:
    sound = {
        "by_heart": areas(0.8),
        "bystander": areas(0.3),
        "exposed_by_heart": [MOST_BITS] * N_CANARIES,
        "exposed": [1.4] * N_CANARIES,
        "exposed_untrained": [1.4] * N_CANARIES,
        "shares": (0.9, 0.1),
    }
    return Controls(**{**sound, **other})


def levels(outcome: Outcome) -> dict[str, str]:
    return {finding.code: finding.level for finding in _findings(outcome)}


def test_sound_instruments_are_not_spoken_of() -> None:
    assert levels(Outcome(controls=controls())) == {}


@pytest.mark.parametrize(
    ("other", "code", "instrument"),
    [
        ({"by_heart": areas(0.5)}, "leakage/positive-control", "membership inference"),
        ({"exposed_by_heart": [2.0] * N_CANARIES}, "leakage/positive-control", "canary exposure"),
        ({"shares": (0.2, 0.1)}, "leakage/positive-control", "prompted extraction"),
        ({"bystander": areas(0.7)}, "leakage/negative-control", "membership inference"),
        ({"exposed_untrained": [7.0] * N_CANARIES}, "leakage/negative-control", "canary exposure"),
    ],
)
def test_a_control_that_fails_is_told(other: dict[str, Any], code: str, instrument: str) -> None:
    (finding,) = _findings(Outcome(controls=controls(**other)))
    assert (finding.code, finding.level) == (code, "medium")
    assert finding.text.startswith(instrument)


def test_without_controls_a_note_says_why() -> None:
    (finding,) = _findings(Outcome(without_controls="nobody was there"))
    assert (finding.code, finding.level) == ("leakage/no-controls", "note")
    assert finding.text.endswith("nobody was there")


@pytest.mark.parametrize(("bits", "level"), [(3.9, "low"), (4.0, "medium"), (8.0, "medium")])
def test_exposed_canaries_count_by_how_far_they_are_given_away(bits: float, level: str) -> None:
    assert levels(Outcome(controls=controls(exposed=[bits] * N_CANARIES))) == {"leakage/canary-exposure": level}


def test_an_interval_that_reaches_down_tells_nothing() -> None:
    assert is_told(areas(0.61))
    assert not is_told(areas(0.6))
    assert not is_told(None)


def test_too_few_texts_and_what_was_left_out_are_notes() -> None:
    few = Attacked(what="adapter 1 of 2", n_members=30, n_judged=4, n_others=4, areas=None)
    left = LeftOut(what="adapter 2 of 2", why="nobody knows")
    outcome = Outcome(attacked=(few,), left_out=(left,), n_paused=2, controls=controls())
    assert levels(outcome) == {"leakage/too-few": "note", "leakage/not-attacked": "note"}
    untested = " ".join(_untested(outcome))
    assert "4 of the other texts had told when to stop" in untested
    assert "2 paused trainings" in untested


def attacked(**more: Any) -> Attacked:
    return Attacked(
        **{"what": "adapter 1 of 1", "n_members": 100, "n_judged": 0, "n_others": 50, "areas": areas(0.4), **more}
    )


def test_one_text_by_heart_among_many_is_grave_and_a_habit_is_none() -> None:
    known = Outcome(attacked=(attacked(n_by_heart=1),), controls=controls())
    assert levels(known) == {"leakage/by-heart": "high"}
    habit = attacked(n_by_heart=10, n_others_by_heart=5)
    assert levels(Outcome(attacked=(habit,), controls=controls())) == {}


def test_what_its_notes_do_not_tell_is_said_once() -> None:
    left = LeftOut(what="adapter 1 of 1", why="nobody knows", is_in_part=True)
    outcome = Outcome(attacked=(attacked(areas=None),), left_out=(left,), controls=controls())
    (finding,) = _findings(outcome)
    assert (finding.code, finding.level) == ("leakage/not-attacked", "note")
    assert "attacked in part" in finding.text


def test_whether_a_bound_holds_for_every_attack_is_said() -> None:
    for epsilon, said, unsaid in ((None, "have none", "computed again"), (3.0, "computed again", "have none")):
        untested = " ".join(_untested(Outcome(attacked=(attacked(epsilon=epsilon),), controls=controls())))
        assert said in untested
        assert unsaid not in untested


def test_invented_notes_are_enough_and_in_one_group_each() -> None:
    notes = invented()
    groups = (notes.learned, notes.others, notes.more)
    assert [len(group) for group in groups] == [N_INVENTED] * 3
    assert len({(pair.request, pair.answer) for group in groups for pair in group}) == 3 * N_INVENTED
