"""Graded answers of invented people, with what tells how far such answers may be relied on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ondevice.bundle.model_set import ModelSet
from ondevice.config import EngineConfig, RetrievalConfig, Sampling
from ondevice.errors import InputError
from ondevice.evaluation.people import GradedAnswer, Person, grade
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.chat import turns
from ondevice.personalizer import Personalizer
from ondevice.personalizer.shared_models import SharedModels

_MAX_TOKENS = 64


def graded_answers(
    generator: Path,
    encoder: Path,
    people: Iterable[Person],
    *,
    k: int = RetrievalConfig().k,
    threads: int | None = None,
    on_person: Callable[[int], None] | None = None,
) -> Iterator[GradedAnswer]:
    """Ask people's questions of their notes, in encrypted profiles of random keys, and grade the answers.

    Args:
        generator: The bundle of the model, with its reader.
        encoder: The encoder's bundle, in the same folder.
        people: Invented ones.
        k: Notes that are looked for.
        threads: CPU threads.
        on_person: Told how many people are done.

    Raises:
        InputError: If the model reads no numbered notes, or the bundles lie in two folders.
        NotFoundError, CorruptError, BundleError: If a bundle cannot be used.
    """
    if encoder.resolve().parent != generator.resolve().parent:
        raise InputError("the generator and the encoder must lie in one folder", hint="copy one beside the other")
    engine = EngineConfig(threads=threads, reuse_whole_batches=True)
    models = ModelSet(generator.parent, encoder=encoder.name, generator=generator.name, engine=engine)
    with SharedModels(models) as shared:
        for number, person in enumerate(people, 1):
            with temporary_profile(shared, person.drafts) as (me, _):
                yield from _answers(me, person, k)
            if on_person is not None:
                on_person(number)


def _answers(me: Personalizer, person: Person, k: int) -> Iterator[GradedAnswer]:
    engine: Engine = me.generator.engine()
    if engine.reading_form != "numbered":
        raise InputError("the model reads no numbered notes", hint="give it a reader: ondevice-export add-reader")
    for request in person.requests:
        prepared: Prepared = me.prepare(
            request.text,
            k=k,
            earlier=turns(request.after),
            max_tokens=_MAX_TOKENS,
            sampling=Sampling(),
            now=person.now,
        )
        if not prepared.numbered or prepared.reading is None:  # nothing was found
            continue
        # Without what the bundle says of it, the support is the overlap alone.
        prepared = replace(prepared, reading=replace(prepared.reading, support=None))
        generated = engine.generate(
            prepared.prompt, max_tokens=_MAX_TOKENS, sampling=Sampling(), reading=prepared.reading
        )
        answer = prepared.completion(generated, generated.text)
        yield GradedAnswer(
            log_likelihood=generated.log_likelihood or 0.0,
            overlap=answer.support or 0.0,
            grade=grade(request, answer.text),
            is_answerable=request.is_answerable,
        )
