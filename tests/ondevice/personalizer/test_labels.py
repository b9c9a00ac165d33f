"""Choosing among labels through the façade, and taking off what each is worth anyway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ondevice import ModelSet, Personalizer
from tests.tiny_generator import make_tiny_generator

LABELS = ("cat", "dog")
WHAT = ("rain", "snow", "a tree", "my bike", "17", "Lyon", "zz")


@pytest.fixture
def leaning(profile_path: Path, tmp_path: Path) -> Iterator[Personalizer]:
    """A profile whose model likes one of the two labels whatever it is asked."""
    make_tiny_generator(tmp_path / "models" / "tiny-generator", leaning={"d": 4.0})
    models = ModelSet(tmp_path / "models", encoder=None, generator="tiny-generator")
    with Personalizer.open(profile_path, app_key=b"k" * 32, models=models) as me:
        me.add("a cat and a dog in the rain")
        yield me


def test_the_prior_of_an_apps_own_labels_undoes_a_bias(leaning: Personalizer) -> None:
    requests = [f"What is it? {what}" for what in WHAT]
    plain = [leaning.generate(request, labels=LABELS, retriever="none") for request in requests]
    assert {reply.text for reply in plain} == {"dog"}
    prior = leaning.label_prior(["What is it?", "What is it? It is"], labels=LABELS)
    calibrated = [leaning.generate(request, labels=LABELS, label_prior=prior, retriever="none") for request in requests]
    assert "cat" in {reply.text for reply in calibrated}
    for before, after in zip(plain, calibrated, strict=True):
        assert after.label_scores == pytest.approx(
            {label: before.label_scores[label] - prior[label] for label in LABELS}
        )
        assert after.text == max(after.label_scores, key=after.label_scores.__getitem__)


def test_a_prior_is_the_mean_of_the_scores_without_items_unless_a_retriever_is_named(leaning: Personalizer) -> None:
    frames = ["What is it?", "And what is this?"]
    for told, retriever in ((None, "none"), ("recency", "recency")):
        scores = [leaning.generate(frame, labels=LABELS, retriever=retriever).label_scores for frame in frames]
        expected = {label: (scores[0][label] + scores[1][label]) / 2 for label in LABELS}
        assert leaning.label_prior(frames, labels=LABELS, retriever=told) == pytest.approx(expected)
        once: Any = iter(LABELS)
        assert leaning.label_prior(frames, labels=once, retriever=told) == pytest.approx(expected)


def test_free_text_has_no_scores_of_labels(leaning: Personalizer) -> None:
    assert leaning.generate("what is it", max_tokens=2).label_scores == {}


def test_what_cannot_be_a_prior_is_refused_before_anything_is_read(leaning: Personalizer) -> None:
    with pytest.raises(ValueError, match="lacks 1 of the 2 labels"):
        leaning.generate("what is it", labels=LABELS, label_prior={"cat": -1.0})
    with pytest.raises(ValueError, match="give it with labels"):
        leaning.prepare("what is it", label_prior={"cat": -1.0})
    for prior, labels in ((None, None), ({"cat": -1.0, "dog": -1.0}, LABELS)):
        with pytest.raises(ValueError, match="without a label_prior of its own"):
            leaning.label_prior(["what is it"], labels=labels, label_prior=prior)
    with pytest.raises(ValueError, match="at least one request"):
        leaning.label_prior([], labels=LABELS)
    with pytest.raises(TypeError, match="requests must be a sequence of texts"):
        leaning.label_prior("what is it", labels=LABELS)
