"""How far answers may be relied on: fitted on graded answers, planted ones and those of a real model."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.conversion.gguf.with_reader import read_support
from export.errors import DatasetError
from export.training.support import fit_support
from ondevice.bundle import SupportSpec
from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.graded_answers import graded_answers
from ondevice.evaluation.people import GradedAnswer, make_people
from tests.scripted_generator import make_scripted_generator
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

TRUE = SupportSpec(intercept=1.0, likelihood=3.0, overlap=2.0, least=0.0)


def planted(n: int) -> list[GradedAnswer]:
    """Return answers that are right as often as ``TRUE`` says; half of the wrong ones are to unanswerable questions."""
    random = np.random.default_rng(5)
    answers = []
    for _ in range(n):
        log_likelihood, overlap = -float(random.exponential(0.6)), float(random.random())
        is_right = random.random() < TRUE.of(log_likelihood, overlap)
        answers.append(
            GradedAnswer(
                log_likelihood=log_likelihood,
                overlap=overlap,
                grade="right" if is_right else "wrong",
                is_answerable=bool(is_right or random.random() < 0.5),
            )
        )
    return answers


def test_planted_weights_are_found_again_and_the_least_support_loses_no_more_than_it_may() -> None:
    answers = planted(20_000)
    fitted = fit_support(answers, most_lost=0.1)
    assert fitted.spec.intercept == pytest.approx(TRUE.intercept, abs=0.15)
    assert fitted.spec.likelihood == pytest.approx(TRUE.likelihood, abs=0.2)
    assert fitted.spec.overlap == pytest.approx(TRUE.overlap, abs=0.2)
    n_right = sum(each.grade == "right" for each in answers)
    n_answerable = sum(each.is_answerable for each in answers)
    assert 0.07 < 1 - fitted.right * n_answerable / n_right <= 0.1
    assert fitted.refused_rightly > 2 * fitted.refused_wrongly
    assert fitted.brier < 0.2
    more = fit_support(answers, most_lost=0.3)
    assert more.spec.least > fitted.spec.least
    assert more.refused_rightly > fitted.refused_rightly


def test_refusals_of_the_model_itself_count_and_are_not_fitted() -> None:
    refusal = GradedAnswer(log_likelihood=0.0, overlap=0.0, grade="refused", is_answerable=True)
    answers = planted(500)
    alone, refused = fit_support(answers), fit_support([*answers, *[refusal] * 300])
    assert refused.spec == alone.spec
    assert refused.refused_wrongly > alone.refused_wrongly


@pytest.mark.parametrize("grade", ["right", "wrong", "refused"])
def test_answers_of_one_kind_teach_nothing(grade: str) -> None:
    same = [GradedAnswer(log_likelihood=-0.1, overlap=1.0, grade=grade, is_answerable=True)] * 9  # type: ignore[arg-type]
    n_given, n_right = (0 if grade == "refused" else 9), (9 if grade == "right" else 0)
    with pytest.raises(DatasetError, match=f"the notes answer 9, and of {n_given} answers {n_right} are right"):
        fit_support(same)
    with pytest.raises(ValueError, match="between 0 and 1, not 0"):
        fit_support(same, most_lost=0)


def test_real_answers_are_graded_with_what_is_known_of_them(tmp_path: Path) -> None:
    encoder = make_tiny_encoder(tmp_path / "tiny-encoder").folder
    generator = make_scripted_generator(tmp_path / "says", ["[1] hm,Zed."]).folder
    told: list[int] = []
    people = list(make_people(2, split="held_out", seed=3))
    answers = list(graded_answers(generator, encoder, people, threads=1, on_person=told.append))
    assert told == [1, 2]
    assert len(answers) == sum(len(person.requests) for person in people)
    assert {answer.grade for answer in answers} == {"wrong"}
    assert all(-1 < answer.log_likelihood <= 0 for answer in answers)
    assert {answer.is_answerable for answer in answers} == {True, False}
    plain = make_tiny_generator(tmp_path / "plain").folder
    with pytest.raises(InputError, match="the model reads no numbered notes"):
        list(graded_answers(plain, encoder, people[:1], threads=1))


def test_the_command_refuses_before_it_asks_and_its_file_is_read_strictly(tmp_path: Path) -> None:
    def run(*asked: object) -> str:
        result = CliRunner().invoke(app, ["train", "support", *map(str, asked)])
        assert result.exit_code != 0
        return result.stderr

    there = tmp_path / "there.json"
    there.write_text(json.dumps({"intercept": 1, "likelihood": 2.5, "overlap": 0, "least": 0.25}))
    assert "there is a file 'there.json' already" in run(tmp_path, "--encoder", tmp_path, "--out", there)
    assert "cannot be written" in run(tmp_path, "--encoder", tmp_path, "--out", there / "in-a-file")
    outside = run(tmp_path / "a" / "g", "--encoder", tmp_path / "b" / "e", "--out", tmp_path / "new.json")
    assert "must lie in one folder" in outside
    assert read_support(there) == SupportSpec(intercept=1.0, likelihood=2.5, overlap=0.0, least=0.25)
    with pytest.raises(NotFoundError, match=r"there is no file 'new\.json'"):
        read_support(tmp_path / "new.json")
    assert {path.name for path in tmp_path.iterdir()} == {"there.json"}, "what is refused leaves nothing"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "it is not json"),
        (b"hello", "it is not json"),
        (b"\xff", "it is not json"),
        (b"9" * 5000, "it is not json"),
        (b"[" * 50_000, "it is nested too deeply"),
        (b" " * 70_000, "it is longer than 65536 bytes"),
        (b"null", "must be an object"),
        (b'{"intercept": 1}', "'likelihood' of the field 'support' is missing"),
        (b'{"intercept": NaN, "likelihood": 1, "overlap": 1, "least": 0}', "NaN is not a number"),
        (b'{"intercept": 1e999, "likelihood": 1, "overlap": 1, "least": 0}', "a number is too large"),
        (b'{"intercept": 1e301, "likelihood": 1, "overlap": 1, "least": 0}', "must be a finite number"),
        (b'{"intercept": 1, "intercept": 1, "likelihood": 1, "overlap": 1, "least": 0}', "a name stands twice"),
        (b'{"intercept": 1, "likelihood": 1, "overlap": 1, "least": 1}', "the least support 1.0 must be"),
    ],
)
def test_another_file_is_named_and_what_it_should_be(tmp_path: Path, text: bytes, reason: str) -> None:
    (tmp_path / "odd.json").write_bytes(text)
    with pytest.raises(InputError, match=rf"'odd\.json' is not what train support writes: .*{reason}") as caught:
        read_support(tmp_path / "odd.json")
    assert "manifest" not in str(caught.value)
    assert caught.value.hint == "write it: ondevice-export train support"


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    odd = tmp_path / "odd"
    odd.mkdir() if kind == "folder" else os.mkfifo(odd)
    with pytest.raises(InputError, match="not a regular file"):
        read_support(odd)
