"""The check itself: which vectors there are, which encoders made them, and whether there are enough to say anything."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ondevice.bundle.model_set import ModelFolder
from ondevice.errors import OndeviceError
from ondevice.privacy.findings import Finding, Section
from ondevice.privacy.inversion.attack import Attacked, Attacker, attack
from ondevice.privacy.inversion.persona_rows import MIN_ITEMS, PersonaAttacked, attack_rows
from ondevice.privacy.inversion.recovery import MIN_TEXTS
from ondevice.privacy.inversion.section import NAME, QUESTION, TITLE, section
from ondevice.privacy.inversion.stored import StoredVectors, read_stored
from ondevice.privacy.subject import Subject
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.encoding.persona_models import PersonaModels
from ondevice.vault.vault import Vault

if TYPE_CHECKING:
    from ondevice.retrieval.encoding.encoder import Encoder

_TAKES = "it takes one to three minutes for each encoder"


def check(subject: Subject) -> Section:
    """Attack the stored vectors and the persona's rows, as somebody would who has the key.

    A decoder learns on the device, from the words of the encoder's tokenizer and from texts of invented people, which
    words a vector gives away. It is tried on invented texts that it has never seen (it must read them), on random
    vectors (it must not), and held against the stored vectors of the user's items. What it reads is compared with the
    guesses for other items and with frequent words. Vectors of 8 bits and of 1 bit are attacked too, and the rows of
    the persona in use: which items count for them, and what do these say?

    Codes: ``words-recovered`` and ``items-told`` are notes: vectors and rows are personal data, encrypted like text or
    in memory alone, and no promise is broken where whoever has the key can read them. ``weak-instrument``: the attack
    does not work, so its result means nothing. ``other-text``: a stored vector was not made of what its item says.
    ``not-attacked``: vectors are there of which this system has no encoder.

    Only a deep audit runs it.
    """
    if not subject.deep:
        return Section(
            name=NAME,
            title=TITLE,
            question=QUESTION,
            not_tested=(f"only a deep audit attacks vectors, because {_TAKES}",),
            was_run=False,
        )
    run = _Run(subject)
    with ExitStack() as stack:
        vault = stack.enter_context(stack.enter_context(subject.copied()).open())
        folder = ModelFolder(subject.models)
        encoders = stack.enter_context(closing(Encoders(folder)))
        personas = stack.enter_context(closing(PersonaModels(folder)))
        run.attack(vault, encoders, personas)
    return section(run.attacked, run.personas, run.missed, run.left)


@dataclass(slots=True)
class _Run:
    """What has been found so far."""

    subject: Subject
    attacked: list[Attacked] = field(default_factory=list)
    personas: list[PersonaAttacked] = field(default_factory=list)
    missed: list[Finding] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def attack(self, vault: Vault, encoders: Encoders, personas: PersonaModels) -> None:
        """Attack what every encoder at hand made, and the rows made of it."""
        counts = {encoder_id: n for encoder_id, n in vault.vectors.encoders().items() if n}
        if not counts:
            self.left.append("vectors: this profile has none")
        try:
            at_hand = {encoder.id: encoder for encoder in encoders.of_passages()}
        except OndeviceError as error:
            self._miss(f"the encoders cannot be opened ({type(error).__name__})")
            return
        unknown = set(counts) - set(at_hand)
        if unknown:
            n_vectors = sum(counts[encoder_id] for encoder_id in unknown)
            self._miss(f"{n_vectors} vectors were made by {len(unknown)} encoders that the audit was given no model of")
        persona = self._persona(personas)
        if persona is not None and persona not in set(counts) & set(at_hand):
            self.left.append("rows of the persona: there are no vectors of the encoder that it reads")
        for encoder_id in sorted(set(counts) & set(at_hand)):
            stored, encoder = read_stored(vault, encoder_id), at_hand[encoder_id]
            bundle = encoders.bundle(encoders.maker_of(encoder_id))
            if len(stored.texts) < MIN_TEXTS:
                self.left.append(f"vectors of {bundle.name}: fewer than {MIN_TEXTS} items have words to look for")
                continue
            attacker, attacked = attack(bundle, encoder, stored, self.subject.on_progress)
            self.attacked.append(attacked)
            if persona == encoder_id:
                self._attack_rows(personas, encoder, attacker, stored)

    def _persona(self, personas: PersonaModels) -> str | None:
        """Return the id of the encoder that the persona in use reads vectors of."""
        name = self.subject.models.persona
        if name is None:
            self.left.append("rows of a persona: the audit was given none")
            return None
        try:
            spec = personas.bundle(name).persona
        except OndeviceError as error:
            self._miss(f"the persona cannot be opened ({type(error).__name__})")
            return None
        return None if spec is None else spec.encoder

    def _attack_rows(
        self, personas: PersonaModels, encoder: Encoder, attacker: Attacker, stored: StoredVectors
    ) -> None:
        name = str(self.subject.models.persona)
        if len(stored.texts) < MIN_ITEMS:
            self.left.append(f"rows of {name}: fewer than {MIN_ITEMS} items have words to look for")
            return
        try:
            model = personas.model(name)
        except OndeviceError as error:
            self._miss(f"the persona cannot be loaded ({type(error).__name__})")
            return
        if model.spec.n_in != encoder.dim:
            self._miss("the persona takes vectors of another length than its encoder makes")
            return
        self.personas.append(attack_rows(name, model, encoder, attacker, stored))

    def _miss(self, reason: str) -> None:
        self.left.append(reason)
        self.missed.append(
            Finding(
                code=f"{NAME}/not-attacked",
                level="note",
                text=f"not everything was attacked: {reason}",
                hint="audit with the models that the profile is used with",
            )
        )
