"""A child process that makes, uses and loses a persona's rows, stopping so that its parent can look around.

Started as ``python persona_journey.py PROFILE MODELS CANARY``.
After each stage it prints the stage's name, with the rows or vectors that are new in hexadecimal, and waits for a line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ondevice import AppKey, EngineConfig, ModelSet, Personalizer
from ondevice.retrieval.encoding.persona_model import PersonaModel, PersonaRows

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def stage(name: str, numbers: Any = None) -> None:
    """Tell the parent where we are, and of which numbers, and wait until it has looked."""
    told = "" if numbers is None else numbers.tobytes().hex()
    sys.stdout.write(f"{name} {told}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def stop_at_the_first_rows() -> None:
    """Stop where rows have been computed and nobody has got them yet."""
    made = PersonaModel.rows

    def rows(self: PersonaModel, *given: Any, **named: Any) -> PersonaRows:
        found = made(self, *given, **named)
        PersonaModel.rows = made  # type: ignore[method-assign]
        stage("computed", found.rows[self.spec.n_task_rows :])
        return found

    PersonaModel.rows = rows  # type: ignore[method-assign]


def opened(profile: Path, models: Path, key: bytes) -> Personalizer:
    """Open the profile with the tiny models."""
    return Personalizer.open(
        profile,
        app_key=key,
        models=ModelSet(
            models,
            encoder="tiny-encoder",
            generator="tiny-generator",
            persona="tiny-persona",
            engine=EngineConfig(threads=1),
        ),
    )


def own_rows(me: Personalizer, canary: str) -> Any:
    """Return the rows of the user that stand behind a request."""
    prepared = me.prepare(f"what did {canary} do", max_tokens=8)
    assert prepared.suffix is not None
    assert me.answer(prepared).has_persona
    return prepared.suffix[1:]  # the first is the task's


def main(profile: Path, models: Path, canary: str) -> None:
    """Compute, answer, stream, explain, back up, rekey, close, open again, forget."""
    words = ("coffee", "train", "lake", "guitar", "doctor", "garden", "budget", "museum")
    with opened(profile, models, KEY) as me:
        ids = [me.add(f"{word}: {canary} walked along the shore for a {word}").id for word in words]
        stage("added", me.encoders.encoder().encode_passages([item.text for item in me.items.list()]))
        stop_at_the_first_rows()
        rows = own_rows(me, canary)
        stage("answered", rows)
        with me.stream(f"where did {canary} go", max_tokens=8) as pieces:
            next(iter(pieces))
            stage("streaming")
        assert me.persona.explain(f"what did {canary} do").n_items == len(words)
        stage("explained")
        me.vault.backup(profile.parent / "copy.profile")
        me.vault.rekey(AppKey(OTHER_KEY))
        stage("rekeyed")
    stage("closed")
    with opened(profile, models, OTHER_KEY) as me:
        stage("reopened", own_rows(me, canary))
        receipt = me.forget(ids[0])
        assert receipt.verified, receipt
        stage("forgotten")
        fewer = own_rows(me, canary)
        assert fewer.tobytes() != rows.tobytes()
        stage("answered-again", fewer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
