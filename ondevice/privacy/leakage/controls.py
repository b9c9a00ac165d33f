"""Controls: adapters made for the audit on invented text, of which it is known what has to be found in them.

One has learned its notes by heart, and must be caught. One was trained by the user's own recipe on other text, and must
not be. In both stand canaries: what the second gives away of those tells what that recipe gives away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.privacy.leakage.area import Area
from ondevice.privacy.leakage.attacks import RATIO, Heard, areas_of
from ondevice.privacy.leakage.canaries import Canary, canaries, exposures, most_by_chance
from ondevice.privacy.leakage.extraction import asked_of, extracted, mean_shares, runs_of
from ondevice.privacy.leakage.practice import BY_HEART_CONFIG, Lesson, by_heart, invented, trained
from ondevice.privacy.leakage.voice import Voice

if TYPE_CHECKING:
    from ondevice.adaptation.lora.weights import BaseModel
    from ondevice.generation.llama.engine import Engine

SURELY_TOLD = 0.6
"""An area under the curve that is above this with its whole interval counts as told. A little more than guessing, 0.5,
may have another reason than the adapter: what it has not seen is newer, and people change how they write."""

_N_EXTRACTED = 8
_SHARE_MORE = 0.2
"""So much more of a second half a control that knows it by heart must write than the base."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Controls:
    """What was found in the controls.

    Args:
        by_heart: How well the attacks tell what was learned by heart from what was not.
        bystander: The same for the user's recipe on other text.
        exposed_by_heart: Exposures of the canaries among what was learned by heart, in bits.
        exposed: Those of the canaries among what the user's recipe learned.
        exposed_untrained: Those for the base, which has learned none.
        shares: The part of second halves that came out, from what was learned by heart and from the base.
    """

    by_heart: Mapping[str, Area]
    bystander: Mapping[str, Area]
    exposed_by_heart: Sequence[float]
    exposed: Sequence[float]
    exposed_untrained: Sequence[float]
    shares: tuple[float, float]

    @property
    def missed(self) -> tuple[str, ...]:
        """Which instruments did not find what is there."""
        adapted, plain = self.shares
        found = {
            "membership inference": is_told(self.by_heart),
            "canary exposure": is_exposed(self.exposed_by_heart),
            "prompted extraction": adapted >= plain + _SHARE_MORE,
        }
        return tuple(name for name, is_found in found.items() if not is_found)

    @property
    def imagined(self) -> tuple[str, ...]:
        """Which instruments found what is not there."""
        found = {
            "membership inference": is_told(self.bystander),
            "canary exposure": is_exposed(self.exposed_untrained),
        }
        return tuple(name for name, is_found in found.items() if is_found)


def is_told(areas: Mapping[str, Area] | None) -> bool:
    """Say whether members can be told from others, beyond doubt and beyond what their dates may explain."""
    return areas is not None and areas[RATIO].low > SURELY_TOLD


def is_exposed(bits: Sequence[float]) -> bool:
    """Say whether canaries are likelier than chance lets any be."""
    return sum(bits) / len(bits) > most_by_chance(len(bits))


def try_controls(
    engine: Engine, base: BaseModel, lesson: Callable[[Sequence[Pair]], Lesson], on_step: Callable[[], None]
) -> Controls:
    """Train both controls, and attack them.

    Args:
        engine: The language model, used by nobody else meanwhile.
        base: Its weights.
        lesson: Gives the user's training with these pairs planted in it.
        on_step: Called four times.

    Raises:
        AdaptationError: If the memory is too small, or a training diverges.
        ValueError: If the recipe does not fit the model.
    """
    notes, planted, planted_by_heart = invented(), canaries(1), canaries(2)
    plain = Voice(engine)
    with _voice(engine, base, by_heart([*notes.learned, *_pairs(planted_by_heart)])) as voice:
        on_step()
        caught = _told_apart(voice, plain, notes.learned, notes.others)
        exposed_by_heart = exposures(voice, planted_by_heart)
        asked = asked_of(voice, notes.learned[:_N_EXTRACTED])
        shares = mean_shares(extracted(asked, runs_of(voice, asked), runs_of(plain, asked)))
        on_step()
    with _voice(engine, base, lesson(_pairs(planted))) as voice:
        on_step()
        bystander = _told_apart(voice, plain, notes.learned, notes.others)
        exposed = exposures(voice, planted)
    untrained = exposures(plain, planted)
    on_step()
    return Controls(
        by_heart=caught,
        bystander=bystander,
        exposed_by_heart=exposed_by_heart,
        exposed=exposed,
        exposed_untrained=untrained,
        shares=shares,
    )


def _pairs(planted: Sequence[Canary]) -> list[Pair]:
    return [canary.pair for canary in planted]


@contextmanager
def _voice(engine: Engine, base: BaseModel, lesson: Lesson) -> Iterator[Voice]:
    adapter = engine.load_adapter(trained(lesson, base, engine))
    try:
        yield Voice(engine, adapter)
    finally:
        engine.unload_adapter(adapter)


def _told_apart(voice: Voice, plain: Voice, members: Sequence[Pair], others: Sequence[Pair]) -> Mapping[str, Area]:
    most = BY_HEART_CONFIG.max_tokens
    inside, outside = (
        Heard.of(voice.hear_all(pairs, max_tokens=most), plain.hear_all(pairs, max_tokens=most))
        for pairs in (members, others)
    )
    areas = areas_of(inside, outside)
    if areas is None:
        raise ValueError("the language model's context is too short for the invented notes")
    return areas
