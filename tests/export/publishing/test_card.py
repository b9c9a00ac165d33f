from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from export.publishing.card import USES, model_card
from ondevice.bundle import (
    AdapterSpec,
    Bundle,
    EncoderSpec,
    GateResult,
    GeneratorSpec,
    Manifest,
    PersonaSpec,
    ProjectorSpec,
)
from ondevice.bundle.specs import Kind, SelectorSpec

SECTIONS = {
    "encoder": EncoderSpec(dim=384, pooling="mean", is_normalized=False, max_tokens=256),
    "selector": SelectorSpec(max_tokens=128),
    "projector": ProjectorSpec(n_in=384, n_out=576),
    "generator": GeneratorSpec(context_tokens=8192, base="SmolLM2-135M-Instruct"),
    "adapter": AdapterSpec(bases=("a" * 64,), architecture="llama", rank=8, alpha=16.0),
    "persona": PersonaSpec(
        n_in=384,
        n_out=576,
        n_rows=4,
        n_task_rows=2,
        rank=16,
        encoder="minilm-l6-int8-5a1fc3feea74",
        bases=("a" * 64,),
        tasks=("LaMP_2", "LaMP_3"),
        temperature=0.05,
        null_score=0.1,
        gain=3.2,
    ),
}
SAYS = {
    "encoder": "| vector | 384 numbers, mean over the tokens |",
    "selector": "| longest pair | 128 tokens |",
    "projector": "| vectors | 384 numbers in, 576 out |",
    "generator": "| longest context | 8,192 tokens |",
    "adapter": f"| bases (SHA-256) | `{'a' * 64}` |",
    "persona": "| rows | 2 of the task, 4 of the user |",
}


def test_the_card_says_what_the_manifest_says(measured: Callable[..., Bundle]) -> None:
    manifest = measured(paper="arXiv 2404.05970", made_from={"b.json": "b" * 64, "a.json": "c" * 64}).manifest
    card = model_card(manifest, has_license_text=True)
    assert "| kind | encoder |" in card
    assert f"| id | `{manifest.id}` |" in card
    assert "| licence | CC0-1.0, text in the file `LICENSE` |" in card
    assert "| training data | not stated by the publisher |" in card
    assert "| paper | arXiv 2404.05970 |" in card
    assert "| conversion | int8 of every product |" in card
    assert card.index("| a.json |") < card.index("| b.json |")
    assert card.count("CPU class `") == 2
    assert "| ndcg@10_drop | 0.001 | 0.005 | lamp | 80 |" in card
    assert "| file_bytes | 31337 |  | built-in | 1 |" in card
    assert card.endswith("|\n")


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_kind_has_its_use_and_limits(measured: Callable[..., Bundle], kind: Kind) -> None:
    files = measured().files
    files = {**files, "rows": files["model"]}
    manifest = Manifest(
        kind=kind,
        name="m",
        version="1",
        license="MIT",
        source="s",
        files=files,
        **{kind: SECTIONS[kind]},  # type: ignore[arg-type]
    )
    card = model_card(manifest, has_license_text=False)
    assert SAYS[kind] in card
    assert all(part in card for part in USES[kind])
    assert "Nothing was measured." in card
    assert "| licence | MIT |" in card


def test_a_text_cannot_leave_its_cell(measured: Callable[..., Bundle]) -> None:
    result = GateResult(measure="a|b", value=1.0, bound=None, data="two\nlines", n=1, cpu="x")
    manifest = replace(measured(training_data="one | two\n## three").manifest, gate=(result,))
    card = model_card(manifest, has_license_text=False)
    assert "| training data | one \\| two ## three |" in card
    assert "| a\\|b | 1 |  | two lines | 1 |" in card
