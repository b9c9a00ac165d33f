"""The drill on a copy of the profile: each adapter and merged model attacked, and the instruments tried on controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.errors import AdaptationError, InputError, ModelMismatchError, OndeviceError
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan, InUse
from ondevice.learned.attachment import IN_USE
from ondevice.learned.shelf import adapter_shelf, paused_shelf
from ondevice.learned.weights import Weights
from ondevice.personalizer import Personalizer
from ondevice.privacy.leakage.attacks import Heard, areas_of, likeliest
from ondevice.privacy.leakage.claims import claimed_too_little
from ondevice.privacy.leakage.controls import Controls, try_controls
from ondevice.privacy.leakage.extraction import MOST_ASKED, Asked, asked_of, extracted, runs_of
from ondevice.privacy.leakage.groups import MOST_MEMBERS, Groups, drawn, groups_of
from ondevice.privacy.leakage.outcome import Attacked, LeftOut, Outcome
from ondevice.privacy.leakage.practice import as_before, invented
from ondevice.privacy.leakage.voice import Voice
from ondevice.records import Filter, Item

if TYPE_CHECKING:
    from ondevice.adaptation.recipes.recipe import TrainingReport
    from ondevice.signals import Progress
    from ondevice.vault.derived import Derived

_CONTROL_STEPS = 4
_UNKNOWN = (
    "its training's notes do not tell which texts it learned from, so that only what comes out of it was looked at"
)

Scores = list[NDArray[np.float32] | None]


class _NotAttackableError(Exception):
    """Why something is left out, as a clause without the user's words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    """The pairs of one adapter that are read, and what the base says of them."""

    groups: Groups
    plan: AdapterPlan
    report: TrainingReport | None
    members: list[Pair] = field(repr=False)
    others: list[Pair] = field(repr=False)
    plain_members: Scores = field(repr=False)
    plain_others: Scores = field(repr=False)

    asked: list[Asked] = field(default_factory=list, repr=False)
    plain_runs: list[int | None] = field(default_factory=list, repr=False)

    def attacked(self, what: str, voice: Voice, plain: Voice | None) -> Attacked:
        """Return what a voice says of them, against the base.

        Args:
            what: How the voice's adapter is called.
            voice: It.
            plain: The base, to be asked for what the adapter has made likeliest; ``None`` where it was asked before.
        """
        most = self.plan.config.max_tokens
        heard = voice.hear_all(self.members, max_tokens=most)
        inside = Heard.of(heard, self.plain_members)
        outside = Heard.of(voice.hear_all(self.others, max_tokens=most), self.plain_others)
        if plain is not None:
            places = likeliest(heard, self.plain_members, MOST_ASKED)
            self.asked.extend(asked_of(plain, [self.members[place] for place in places]))
            self.plain_runs.extend(runs_of(plain, self.asked))
        judged = {id(pair) for pair in self.groups.judged}
        spent = self.report.privacy if self.report is not None else None
        return Attacked(
            what=what,
            n_members=len(inside),
            n_judged=sum(id(pair) in judged for pair in self.others),
            n_others=len(outside),
            areas=areas_of(inside, outside) if self.groups.is_known else None,
            extracted=tuple(extracted(self.asked, runs_of(voice, self.asked), self.plain_runs)),
            n_by_heart=inside.n_by_heart(),
            n_others_by_heart=outside.n_by_heart(),
            epsilon=None if spent is None else spent.epsilon,
            epsilon_due=_due(self.report),
        )


class Drill:
    """Attacks what one profile has learned; the profile is a copy, and nobody else uses its language model."""

    def __init__(self, me: Personalizer, on_progress: Progress) -> None:
        self._me, self._on_progress = me, on_progress
        self._shelf = adapter_shelf(me.vault)
        self._kept = self._shelf.kept()
        self._merged = me.merged.list()
        self._samples: dict[str, _Sample] = {}
        self._attacked: list[Attacked] = []
        self._left_out: list[LeftOut] = []
        self._n_done, self._n_steps = 0, len(self._kept) + len(self._merged) + _CONTROL_STEPS

    @property
    def n_learned(self) -> int:
        """How many adapters and merged models there are."""
        return len(self._kept) + len(self._merged)

    def run(self) -> Outcome:
        """Do all of it.

        Raises:
            OndeviceError: If the language model cannot be loaded, or the copy cannot be read.
        """
        me = self._me
        in_use = _in_use(me)
        me.merged.use(None)
        me.adapters.use(None)
        me.generator.engine()
        for place, kept in enumerate(self._kept, 1):
            self._try(f"adapter {place} of {len(self._kept)}", partial(self._attack_adapter, kept))
        controls, why, has_users_texts = self._controls(in_use)
        for place, merged in enumerate(self._merged, 1):
            what = f"merged model {place} of {len(self._merged)}"
            self._try(what, partial(self._attack_merged, merged.name, is_current=merged.is_current))
        return Outcome(
            attacked=tuple(self._attacked),
            left_out=tuple(self._left_out),
            n_paused=len(paused_shelf(me.vault).kept()),
            controls=controls,
            without_controls=why,
            has_users_texts=has_users_texts,
        )

    def _try(self, what: str, attack: Callable[[str], Attacked]) -> None:
        try:
            self._attacked.append(attack(what))
        except _NotAttackableError as error:
            self._left_out.append(LeftOut(what=what, why=str(error)))
        except OndeviceError as error:  # its words may have a name in them
            self._left_out.append(LeftOut(what=what, why=f"it cannot be loaded ({type(error).__name__})"))
        self._step()

    def _step(self) -> None:
        self._n_done += 1
        self._on_progress(self._n_done, self._n_steps)

    def _attack_adapter(self, kept: Derived, what: str) -> Attacked:
        engine = self._me.generator.engine()
        self._shelf.of_base(kept.name, self._me.generator.bundle(), hint="")
        note = AdapterNote.from_json(kept.note)
        groups = groups_of(note, *self._items(kept, note.plan))
        if not groups.members:
            raise _NotAttackableError("no text of those that it learned from is there as it was")
        if not groups.is_known:
            self._left_out.append(LeftOut(what=what, why=_UNKNOWN, is_in_part=True))
        plain, adapter = Voice(engine), engine.load_adapter(self._shelf.read(kept.name))
        try:
            voice, most = Voice(engine, adapter), note.plan.config.max_tokens
            members, others = drawn(groups.members, MOST_MEMBERS), drawn(groups.others)
            sample = self._samples[kept.name] = _Sample(
                groups=groups,
                plan=note.plan,
                report=note.report,
                members=members,
                others=others,
                plain_members=plain.hear_all(members, max_tokens=most),
                plain_others=plain.hear_all(others, max_tokens=most),
            )
            return sample.attacked(what, voice, plain)
        finally:
            engine.unload_adapter(adapter)

    def _items(self, kept: Derived, plan: AdapterPlan) -> tuple[list[Item], list[Item], set[str]]:
        """Return the items an adapter saw, others like them, and the ids of those that were changed since."""
        items = self._me.vault.items
        ids = set(self._shelf.item_ids(kept.name))
        seen = items.list(Filter(ids=tuple(ids)), limit=None, newest_first=False)
        kinds = {item.kind for item in seen}
        alike = None if plan.filter is None else replace(plan.filter, since=None, until=None, ids=None)
        others = [] if plan.is_filter_gone else items.list(alike, limit=None, newest_first=False)
        changed = {
            item.id
            for item in seen
            if item.version > 1 and any(each.replaced_at >= kept.made_at for each in items.history(item.id))
        }
        return seen, [item for item in others if item.id not in ids and item.kind in kinds], changed

    def _attack_merged(self, name: str, what: str, *, is_current: bool) -> Attacked:
        if not is_current:
            raise _NotAttackableError("its adapter was trained anew since, or is gone")
        if name not in self._samples:
            raise _NotAttackableError("its adapter could not be attacked either")
        self._me.merged.use(name)
        return self._samples[name].attacked(what, Voice(self._me.generator.engine()), None)

    def _controls(self, in_use: str | None) -> tuple[Controls | None, str, bool]:
        """Return what the controls gave, or why there are none, and whether canaries stood among the user's texts."""
        sample = self._tried(in_use)
        pairs: Sequence[Pair] = invented().more
        judged: Sequence[Pair] = ()
        if sample is not None:
            pairs, judged = sample.groups.members, sample.groups.judged
        plan = None if sample is None else sample.plan
        lesson = partial(as_before, pairs, judged, plan=plan)
        try:
            base = Weights(self._me.generator).base()
            return try_controls(self._me.generator.engine(), base, lesson, self._step), "", sample is not None
        except ImportError:
            return None, "the extra 'adapt', which trains them, is not installed", False
        except ModelMismatchError:
            return None, "this language model cannot be trained here", False
        except AdaptationError:
            return None, "the memory is too small, or a training diverged", False

    def _tried(self, in_use: str | None) -> _Sample | None:
        """Return the adapter whose training is repeated with canaries: that in use, or else the newest one."""
        names = [kept.name for kept in sorted(self._kept, key=lambda kept: (kept.name == in_use, kept.made_at))]
        samples = [self._samples[name] for name in reversed(names) if name in self._samples]
        return next((sample for sample in samples if sample.groups.is_known), None)


def _due(report: TrainingReport | None) -> float | None:
    with suppress(ImportError):  # then the controls are missing too, and a note says why
        return claimed_too_little(report)
    return None


def _in_use(me: Personalizer) -> str | None:
    """Return the name of the adapter in use; what cannot be read of it is another's to tell."""
    noted = me.vault.settings.get(IN_USE)
    with suppress(InputError):
        return None if noted is None else InUse.from_json(noted).name
    return None
