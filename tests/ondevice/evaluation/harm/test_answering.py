"""How likely a right answer is, whatever stands before it that no user sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ondevice import ModelSet
from ondevice.config import EngineConfig
from ondevice.evaluation.harm.answering import answered, nats_of
from ondevice.evaluation.temporary_profile import temporary_profile
from tests.ondevice.evaluation.note_reading.made_people import ANN, NOW
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

SUM = "What is 2 plus 2?"


def set_of(models: Path, name: str) -> ModelSet:
    return ModelSet(models, encoder=None, generator=name, engine=EngineConfig(threads=1))


def test_every_note_may_be_named_first(tmp_path: Path):
    make_tiny_generator(tmp_path / "numbered", reads_notes=True)
    with temporary_profile(set_of(tmp_path, "numbered"), ANN.drafts) as (me, _):
        prepared = me.prepare(SUM, retriever="recency", k=2, max_tokens=9, now=NOW)
        engine = me.generator.engine()
        texts = ("four", "[1] four", "[2] four")
        scores = [engine.log_likelihood(prepared.prompt, text, ends_turn=True).sum() for text in texts]
        answer = answered(me, prepared, SUM, "four")
        assert answer.nats == pytest.approx(-np.logaddexp.reduce(scores) / 5, abs=1e-3)
        assert answer.text == me.answer(prepared).text
        alone = me.prepare(SUM, retriever="none", max_tokens=9, now=NOW)
        bare = engine.log_likelihood(alone.prompt, "four", ends_turn=True)
        assert nats_of(me, alone, "four") == pytest.approx(-bare.mean(), abs=1e-3)  # there is no note to name


def test_the_reader_is_asked_where_the_reader_answers(tmp_path: Path):
    reader = make_tiny_adapter()
    make_tiny_generator(tmp_path / "reading", reader=reader)
    with temporary_profile(set_of(tmp_path, "reading"), ANN.drafts) as (me, _):
        prepared = me.prepare(SUM, retriever="recency", k=1, max_tokens=9, now=NOW)
        assert prepared.reads
        by_reader = nats_of(me, prepared, "four")
        engine = me.generator.engine()
        assert engine.shape_for(None) is None
        plain = [engine.log_likelihood(prepared.prompt, text, ends_turn=True).sum() for text in ("four", "[1] four")]
        engine.use_adapter(engine.load_adapter(reader))
        worn = [engine.log_likelihood(prepared.prompt, text, ends_turn=True).sum() for text in ("four", "[1] four")]
        assert by_reader == pytest.approx(-np.logaddexp(*worn) / 5, abs=1e-3)  # four bytes, and the end of the turn
        assert by_reader != pytest.approx(-np.logaddexp(*plain) / 5, abs=1e-3)
