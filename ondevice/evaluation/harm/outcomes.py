"""What came of one request under one way: what figures are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from ondevice.evaluation.harm.ways import HarmWay, Whose


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A request that needs no history, answered.

    Args:
        user: Who asked.
        kind: What the request takes.
        request: What was asked.
        way: How it was answered.
        whose: Whose profile was attached; without personalization it does not matter.
        text: The answer.
        nats: How unlikely the right answer was, a token.
        plain_nats: How unlikely it was without personalization.
        is_right: Whether the answer holds what is right.
        plain_is_right: Whether it does without personalization.
        refuses: Whether it says that the notes do not say.
        leaked: What it holds of the profile that nobody asked for.
    """

    user: str
    kind: str
    request: str = field(repr=False)
    way: HarmWay
    whose: Whose
    text: str = field(repr=False)
    nats: float
    plain_nats: float
    is_right: bool
    plain_is_right: bool
    refuses: bool
    leaked: tuple[str, ...] = field(default=(), repr=False)

    @property
    def lost(self) -> float:
        """Nats a token that personalization takes from the right answer; below 0 it helps."""
        return self.nats - self.plain_nats

    @property
    def right_lost(self) -> float:
        """1 where personalization takes a right answer, -1 where it gives one, 0 where it does neither."""
        return float(self.plain_is_right) - float(self.is_right)


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleOutcome:
    """A question whose answer has changed, answered.

    Args:
        user: Who asked.
        way: How it was answered.
        is_right: Whether the answer says the newer.
        follows_old: Whether it says the outdated.
        refuses: Whether it says that the notes do not say.
        has_both: Whether the prompt held the outdated item and the newer one.
    """

    user: str
    way: HarmWay
    is_right: bool
    follows_old: bool
    refuses: bool
    has_both: bool
