"""What the drill gave, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ondevice.privacy.leakage.area import Area
from ondevice.privacy.leakage.controls import Controls
from ondevice.privacy.leakage.extraction import Extracted


@dataclass(frozen=True, kw_only=True, slots=True)
class Attacked:
    """What an attack on one adapter or merged model gave.

    Args:
        what: Which it is, without its name: an app may have made that of the user's words.
        n_members: So many learned pairs were read.
        n_judged: So many of the others had told which epoch to keep.
        n_others: So many others were read, those included.
        areas: How well each attack tells them apart; ``None`` with too few of either.
        extracted: What came out of the second halves of learned texts.
        n_by_heart: So many learned texts come out word for word, if one asks a thousand times.
        n_others_by_heart: So many of the others do.
        epsilon: What its training told of any one pair, at most; ``None`` where nothing bounds it.
        epsilon_due: What that comes to by the noise and the steps that its note tells of, if the note claims less.
    """

    what: str
    n_members: int
    n_judged: int
    n_others: int
    areas: Mapping[str, Area] | None
    extracted: tuple[Extracted, ...] = ()
    n_by_heart: int = 0
    n_others_by_heart: int = 0
    epsilon: float | None = None
    epsilon_due: float | None = None

    @property
    def knows_by_heart(self) -> bool:
        """Whether learned texts are known by heart, and more often than others: those are no memory but a habit."""
        return self.n_by_heart * max(1, self.n_others) > 2 * self.n_others_by_heart * self.n_members


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """What could not be attacked, or only in part, and why, as a clause."""

    what: str
    why: str
    is_in_part: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the drill gave.

    Args:
        attacked: The adapters, and then the merged models.
        left_out: What could not be.
        n_paused: Trainings that wait to be resumed.
        controls: What was found in the controls; ``None`` without any.
        without_controls: Why there are none, as a clause.
        has_users_texts: Whether the canaries stood among the user's own texts, and not among invented ones.
    """

    attacked: tuple[Attacked, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    n_paused: int = 0
    controls: Controls | None = None
    without_controls: str = ""
    has_users_texts: bool = False
