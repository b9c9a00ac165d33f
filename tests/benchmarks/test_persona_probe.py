"""What vectors tell of users' signs is found where it is there, and not where it is not."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import persona_probe
from benchmarks.persona_probe import SIGNS, probe, signs_of
from benchmarks.study import read_study
from tests.export.training.persona.made_people import tiny_bundles, write_people


def test_signs_that_the_vectors_hold_are_told_and_others_are_not() -> None:
    random = np.random.default_rng(4)
    habits = random.standard_normal((80, 2))
    signs = [habit + 0.3 * random.standard_normal((20, 2)) for habit in habits]
    # The vectors hold the first sign beside noise, and nothing of the second.
    vectors = [np.c_[each[:, :1], random.standard_normal((20, 5))] for each in signs]
    by_vectors, by_signs = probe(vectors, signs)
    assert by_vectors[0] > 0.9
    assert abs(by_vectors[1]) < 0.2
    assert by_signs.min() > 0.9
    assert by_vectors[0] > by_vectors[2] > by_vectors[1]


def test_a_texts_signs_are_those_that_are_named() -> None:
    found = dict(zip(SIGNS, signs_of("i SAW u.. @home #rain :)!"), strict=True))
    assert found["words"] == 6
    assert found["capital letters"] == pytest.approx(3 / 13)
    assert found["exclamation marks"] == pytest.approx(1 / 6)
    assert [name for name in SIGNS if found[name] == 1] == [
        "a small first letter",
        "a hash sign",
        "an at sign",
        "dots in a row",
        "a small i",
        "a smile",
        "a mark at the end",
        "words of chats",
    ]


def test_each_task_is_probed_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = tmp_path / "persona-probe.json"
    monkeypatch.setattr(persona_probe, "RESULT", result)
    encoder = tiny_bundles(tmp_path)[1].folder
    data = write_people(tmp_path / "lamp", n_users=10, n_items=9)
    for path in write_people(tmp_path / "more", n_users=10, n_items=9, split="dev").glob("*/*"):
        path.rename(data / path.parent.name / path.name)
    persona_probe.main([str(data), str(encoder.parent), "--encoder", encoder.name, "--tasks", "LaMP_4"])
    rows = read_study(result)["told"]
    assert [row["sign"] for row in rows] == [*SIGNS, "all"]
    assert f"--encoder {encoder.name} --tasks LaMP_4" in result.with_suffix(".md").read_text()
