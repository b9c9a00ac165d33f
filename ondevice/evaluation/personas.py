"""Personas in a run: whether the bundle fits what is asked, and the rows of other users, for labels' priors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol, get_args

from ondevice.bundle import Bundle, read_manifest
from ondevice.config import PersonaWeights
from ondevice.errors import ModelMismatchError
from ondevice.evaluation.answered import MadePersona
from ondevice.evaluation.histories import own_history
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learner import OpenUser
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prepared import Prepared
from ondevice.records import Draft
from ondevice.retrieval.encoding.persona_models import PersonaModels


class OpensPersonas(Protocol):
    """Whatever makes a profile with a persona for a while."""

    def __call__(self, task: str, drafts: Sequence[Draft]) -> AbstractContextManager[OpenUser]:
        """Make a profile with this history and its vectors, and destroy it in the end."""


class OtherPersonas:
    """The rows of users who are not asked, made by profiles of their own, each profile once."""

    def __init__(self, persona: str | None, open_user: OpensPersonas) -> None:
        """Name the persona, if there is one, and take what makes profiles with it."""
        self._persona = persona
        self._open_user = open_user
        self._known: dict[str, dict[PersonaWeights, list[PersonaSuffix]]] = {}

    def of(self, split: LampSplit, weights: PersonaWeights) -> Sequence[PersonaSuffix]:
        """Return the rows that the profile of each question's user makes for the question.

        Args:
            split: The questions that priors are measured on.
            weights: How items are weighed.
        """
        known = self._known.get(split.name)
        if known is None:
            known = {each: [] for each in get_args(PersonaWeights)}
            for place, question in enumerate(split.questions):
                with self._open_user(split.task, own_history(split, place).drafts) as user:
                    for each, made in known.items():
                        user.me.persona.use(self._persona, weights=each)
                        made.append(_suffix(user, question.request))
            self._known[split.name] = known
        return known[weights]


def made_persona(prepared: Prepared, models: PersonaModels) -> MadePersona | None:
    """Return the persona of a prompt without the rows of its task, which are the first; ``None`` where it has none."""
    suffix = prepared.persona
    if suffix is None:
        return None
    spec = models.bundle(suffix.persona).persona
    if spec is None:
        raise models.bundle(suffix.persona).wrong_kind("persona")
    return MadePersona(rows=suffix.rows[spec.n_task_rows :], n_items=len(suffix.item_rows))


def check_persona(plan: LampPlan, splits: Sequence[LampSplit], config: RunConfig) -> None:
    """Refuse a persona that does not fit the models, or does not know a task: now, not after an hour.

    Raises:
        NotFoundError: If a model is missing.
        BundleError: If a manifest cannot be used, or the bundle is none of a persona.
        ModelMismatchError: If it does not know a task, or was made for another language model or encoder.
    """
    if config.persona is None or not plan.has_persona:
        return
    persona = _described(config, config.persona)
    spec = persona.persona
    if spec is None:
        raise persona.wrong_kind("persona")
    for split in splits:
        if split.task not in spec.tasks:
            raise ModelMismatchError(
                f"the persona {config.persona!r} does not know {split.task!r}, the task of {split.name!r}",
                hint=f"it knows {', '.join(spec.tasks)}: name folders of these with --tasks",
            )
    persona.check_base(_described(config, config.generator))
    if config.encoder is None or _described(config, config.encoder).id != spec.encoder:
        raise ModelMismatchError(
            f"the persona {config.persona!r} takes vectors of {spec.encoder!r}, not of {config.encoder!r}",
            hint="name that encoder with --encoder, or another persona",
        )


def _described(config: RunConfig, name: str) -> Bundle:
    """Return a bundle as its manifest has it; its files are verified when it is opened."""
    folder = config.models / name
    return Bundle(folder=folder, manifest=read_manifest(folder))


def _suffix(user: OpenUser, request: str) -> PersonaSuffix:
    prepared = user.me.prepare(request, task=user.task, retriever="none", persona=True, max_tokens=1)
    if prepared.persona is None:
        raise AssertionError("a persona was asked for")
    return prepared.persona
