"""Rows that stand elsewhere than behind the prompt cost what the tokens cost that they are the embeddings of."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import persona_placement
from benchmarks.persona_placement import PlacedReader
from benchmarks.study import read_study
from export.training.persona.reading import FrozenReader
from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.weights import load_base
from tests.export.training.persona.made_people import tiny_bundles, write_people


def test_rows_in_the_prompt_and_before_it_are_read_where_they_stand(tmp_path: Path) -> None:
    model = load_base(tiny_bundles(tmp_path)[0].file("model"))
    answers = [np.array([7, 8, 9], np.int32), np.array([4], np.int32)]
    prompts = [np.arange(20, 40, dtype=np.int32), np.arange(60, 64, dtype=np.int32)]
    for n_before in (0, 2):
        # The same tokens, of which two are given as rows.
        cut = [np.delete(prompt, [n_before, n_before + 1]) for prompt in prompts]
        reader = PlacedReader(model, "float32", n_before)
        rows = [reader.embeddings[prompt[n_before : n_before + 2].astype(np.int64)] for prompt in prompts]
        examples = [Example(prompt=part, answer=answer) for part, answer in zip(cut, answers, strict=True)]
        behind = FrozenReader(model, "float32")
        wholes = [Example(prompt=prompt[:-1], answer=answer) for prompt, answer in zip(prompts, answers, strict=True)]
        last = [reader.embeddings[prompt[-1:].astype(np.int64)] for prompt in prompts]
        with torch.inference_mode():
            made = reader.losses(reader.read(examples), examples, [1, 0, 1], [rows[1], rows[0], rows[1]])
            wanted = behind.losses(behind.read(wholes), wholes, [1, 0, 1], [last[1], last[0], last[1]])
        np.testing.assert_allclose(made.numpy(), wanted.numpy(), rtol=1e-4)


def test_each_place_is_trained_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles = tiny_bundles(tmp_path)
    data, result = write_people(tmp_path / "lamp", n_users=10), tmp_path / "persona-placement.json"
    monkeypatch.setattr(persona_placement, "RESULT", result)
    models, (generator, encoder) = bundles[0].folder.parent, (bundle.folder.name for bundle in bundles)
    given = f"{data} {models} --generator {generator} --encoder {encoder} --tasks LaMP_4 --history-pairs 0 --epochs 1"
    persona_placement.main(given.split())
    found = read_study(result)
    assert [row["place"] for row in found["places"]] == ["behind the prompt", "in the turn", "before everything"]
    assert len({row["own"] for row in found["places"]}) == 3
    assert (found["n_learned"], found["n_held_out"]) == (8, 2)
    assert f"--generator {generator} --encoder {encoder}" in result.with_suffix(".md").read_text()
