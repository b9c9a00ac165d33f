"""What happens in the middle of an answer that is given with a persona: another one, an end, the profile closed."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ondevice import EngineConfig
from ondevice.bundle import read_manifest, write_manifest
from ondevice.errors import GenerationError
from tests.ondevice.learned.told_profiles import ASKED, OpenTold, fill
from tests.tiny_persona import make_tiny_persona

ONE_THREAD = EngineConfig(threads=1)


@pytest.mark.parametrize("other", ["short", None])
def test_another_persona_midway_changes_the_next_answer_and_not_this_one(
    open_told: OpenTold, other: str | None
) -> None:
    me, later = open_told(), open_told("later", persona=other)
    fill(me)
    fill(later)
    whole = me.generate(ASKED, retriever="none", max_tokens=12).text
    stream = me.stream(ASKED, retriever="none", max_tokens=12)
    pieces = iter(stream)
    first = next(pieces)
    me.persona.use(other)
    assert first + "".join(pieces) == whole
    assert stream.completion.has_persona
    assert me.generate(ASKED, max_tokens=12).text == later.generate(ASKED, max_tokens=12).text


def test_an_answer_that_is_left_or_cancelled_leaves_nothing_of_its_rows(open_told: OpenTold) -> None:
    me, cold = open_told(engine=ONE_THREAD), open_told("cold", persona=None, engine=ONE_THREAD)
    fill(me)
    fill(cold)
    plain = cold.generate(ASKED, retriever="none", max_tokens=12).text
    whole = me.generate(ASKED, retriever="none", max_tokens=12).text
    with me.stream(ASKED, retriever="none", max_tokens=12) as stream:
        next(iter(stream))
    assert me.generate(ASKED, retriever="none", max_tokens=12, persona=False).text == plain
    for n_calls in range(4):  # before the prompt, before the rows, and in the answer
        calls = iter([False] * n_calls)
        stopped = me.generate(ASKED, retriever="none", max_tokens=12, cancel=partial(next, calls, True))
        assert stopped.finish_reason == "cancelled"
        assert me.generate(ASKED, retriever="none", max_tokens=12).text == whole
        assert me.generate(ASKED, retriever="none", max_tokens=12, persona=False).text == plain


def test_a_profile_that_closes_midway_ends_the_answer_and_opens_again(open_told: OpenTold) -> None:
    me = open_told()
    fill(me)
    whole = me.generate(ASKED, retriever="none", max_tokens=40).text
    closing = threading.Thread(target=me.close)

    def cancel() -> bool:
        if not closing.ident:
            closing.start()
        return False

    with contextlib.suppress(ValueError):  # it ends with what was said, or before it begins
        assert whole.startswith(me.generate(ASKED, retriever="none", max_tokens=40, cancel=cancel).text)
    closing.join(60)
    assert not closing.is_alive()
    with pytest.raises(ValueError, match="closed"):
        me.persona.explain(ASKED)
    again = open_told()
    assert again.generate(ASKED, retriever="none", max_tokens=40).text == whole


def test_after_a_persona_of_numbers_beyond_reason_the_next_answer_is_right(
    open_told: OpenTold, persona_models: Path
) -> None:
    encoder = read_manifest(persona_models / "tiny-encoder").id
    bases = [read_manifest(persona_models / "tiny-generator").files["model"].sha256]
    made = make_tiny_persona(persona_models / "beyond", encoder=encoder, bases=bases)
    assert made.persona is not None
    write_manifest(made.folder, replace(made.manifest, persona=replace(made.persona, gain=3e38)))
    me, cold = open_told(persona="beyond"), open_told("cold", persona=None)
    fill(me)
    fill(cold)
    with contextlib.suppress(GenerationError):  # where the rows' squares are beyond float32, it may say anything
        me.generate(ASKED, max_tokens=4)
    plain = me.generate(ASKED, max_tokens=12, persona=False)
    assert plain.text == cold.generate(ASKED, max_tokens=12).text
