"""Training learns what a user prefers, leaves the base as it was, and can be stopped and gone on with at any step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.conversion.gguf.adapter_parity import AdaptedReader
from ondevice.adaptation.lora.lora import applied
from ondevice.adaptation.lora.lora_gguf import adapter_bytes
from ondevice.adaptation.lora.losses import answer_losses, mean_loss
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from ondevice.errors import AdaptationError, CorruptError
from tests.ondevice.adaptation.planted import HAPPY, SAD, user_examples
from tests.tiny_llm import torch_logits

TOKENS = [1, *range(40, 120, 3), 7, 7, 250]
RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=8.0)
CONFIG = TrainingConfig(learning_rate=1e-2, batch_tokens=160, epochs=5, precision="float32")
BRIEF = TrainingConfig.from_json({**CONFIG.to_json(), "epochs": 3})
"""For all that is not about how much is learned."""
EXAMPLES, HELD_OUT = user_examples(48, seed=1), user_examples(12, seed=2)


def learn(base: BaseModel, recipe: LoraRecipe = RECIPE, config: TrainingConfig = BRIEF, **settings: Any) -> Trained:
    return train(base, EXAMPLES, HELD_OUT, recipe, config, **settings)


def config_with(**changes: Any) -> TrainingConfig:
    return TrainingConfig.from_json({**BRIEF.to_json(), **changes})


def after(calls: int) -> Callable[[], bool]:
    """Return a question that is answered with no so many times, then with yes."""
    asked = iter([False] * calls)
    return lambda: next(asked, True)


def same(first: Trained, second: Trained) -> bool:
    return first.tensors.keys() == second.tensors.keys() and all(
        np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors
    )


@pytest.fixture(scope="module")
def learned(base: BaseModel) -> Trained:
    return learn(base)


def test_a_planted_preference_is_learned_and_is_this_users(base: BaseModel) -> None:
    learned = learn(base, config=CONFIG)
    report = learned.report
    assert report.loss_after < 0.3 < 2 < report.loss_before
    assert (report.n_examples, report.n_held_out, report.stopped) == (48, 12, "done")
    others = user_examples(12, seed=2, answers=(SAD, HAPPY))
    other_before = mean_loss(base.model, others)
    with applied(base, RECIPE, learned.tensors):
        assert mean_loss(base.model, HELD_OUT) == pytest.approx(report.loss_after, abs=1e-6)
        assert mean_loss(base.model, others) > other_before - 3
        assert mean_loss(base.model, others) > report.loss_after + 2


def test_the_base_is_left_without_a_trace(base_path: Path) -> None:
    base = load_base(base_path)
    before = torch_logits(base.model, TOKENS)
    names = [name for name, _ in base.model.named_modules()]
    state = torch.get_rng_state()
    trained = learn(base, config=config_with(epochs=1))
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)
    assert [name for name, _ in base.model.named_modules()] == names
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in base.model.parameters())
    with applied(base, RECIPE, trained.tensors):
        assert not np.array_equal(torch_logits(base.model, TOKENS), before)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)


def test_training_twice_gives_the_same_bits_and_another_seed_others(base: BaseModel, learned: Trained) -> None:
    assert same(learn(base), learned)
    assert not same(learn(base, config=config_with(seed=1)), learned)


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_llama_cpp_computes_what_was_trained(architecture: str, tmp_path: Path) -> None:
    from tests.tiny_llm import make_model, write_base

    path = write_base(make_model(architecture), tmp_path / "base").file("model")
    base = load_base(path)
    trained = learn(base, config=config_with(epochs=2))
    data = adapter_bytes(
        trained.tensors,
        architecture=architecture,
        alpha=RECIPE.alpha,
        n_heads=base.shape.n_heads,
        n_kv_heads=base.shape.n_kv_heads,
    )
    with applied(base, RECIPE, trained.tensors):
        expected = torch_logits(base.model, TOKENS)
    with AdaptedReader(path, adapter=data) as reader:
        served = reader.read(TOKENS)
    assert cosine(served, expected) > 0.9999
    assert cosine(served, torch_logits(base.model, TOKENS)) < 0.99


def cosine(first: Any, second: Any) -> float:
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return float(((first * second).sum(axis=1) / norms).min())


@pytest.mark.parametrize("n_steps", [0, 1, 7])
def test_a_paused_training_goes_on_as_if_it_had_not_been(base: BaseModel, learned: Trained, n_steps: int) -> None:
    paused = learn(base, pause=after(n_steps))
    assert (paused.report.stopped, paused.report.n_steps, paused.tensors) == ("paused", n_steps, {})
    resumed = learn(base, resume=paused.checkpoint)
    assert same(resumed, learned)
    assert resumed.report.loss_after == learned.report.loss_after
    assert resumed.report.n_steps == learned.report.n_steps
    assert resumed.checkpoint is None


def test_a_training_cut_off_goes_on_from_its_last_epoch(base: BaseModel, learned: Trained) -> None:
    checkpoints: list[bytes] = []

    def cut_off(checkpoint: bytes) -> None:
        checkpoints.append(checkpoint)
        if len(checkpoints) == 2:
            raise InterruptedError

    before = torch_logits(base.model, TOKENS)
    with pytest.raises(InterruptedError):
        learn(base, on_checkpoint=cut_off)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)
    assert same(learn(base, resume=checkpoints[-1]), learned)


def test_a_cancelled_training_keeps_nothing(base: BaseModel) -> None:
    before = torch_logits(base.model, TOKENS)
    cancelled = learn(base, cancel=after(3))
    assert (cancelled.report.stopped, cancelled.report.n_steps) == ("cancelled", 3)
    assert cancelled.tensors == {}
    assert cancelled.checkpoint is None
    assert np.array_equal(torch_logits(base.model, TOKENS), before)


def test_progress_counts_the_steps_to_the_end(base: BaseModel) -> None:
    seen: list[tuple[int, int]] = []
    trained = learn(base, config=config_with(epochs=2), on_progress=lambda done, total: seen.append((done, total)))
    n_steps = trained.report.n_steps
    assert seen == [(step, n_steps) for step in range(1, n_steps + 1)]
    assert trained.report.epochs_done == 2


def test_training_stops_when_held_out_examples_gain_no_more_and_keeps_the_best(base: BaseModel) -> None:
    contrary = user_examples(12, seed=2, answers=(SAD, HAPPY))
    trained = train(base, EXAMPLES, contrary, RECIPE, config_with(epochs=20, patience=2))
    assert trained.report.stopped == "early"
    assert trained.report.epochs_done < 20
    with applied(base, RECIPE, trained.tensors):
        assert mean_loss(base.model, contrary) == pytest.approx(trained.report.loss_after, abs=1e-6)


def test_out_of_time_keeps_what_was_learned(base: BaseModel) -> None:
    # The clock is the machine's own: the bound lies between one step and all of them.
    slow = config_with(epochs=5000, learning_rate=1e-5, patience=5000, max_seconds=0.3, batch_tokens=100_000)
    kept: list[bytes] = []
    trained = learn(base, config=slow, on_checkpoint=kept.append)
    assert same(learn(base, config=slow, resume=kept[-1]), trained)
    assert trained.report.stopped == "time"
    assert trained.report.seconds >= 0.3
    assert trained.tensors
    with pytest.raises(AdaptationError, match="over before the first step"):
        learn(base, config=config_with(max_seconds=1e-9))


def test_only_the_recipes_layers_are_trained(base: BaseModel) -> None:
    recipe = LoraRecipe(blocks=(1,), projections=("down_proj",), rank=3, alpha=3.0)
    trained = learn(base, recipe, config=config_with(epochs=1))
    assert {name: tensor.shape for name, tensor in trained.tensors.items()} == {
        "base_model.model.model.layers.1.mlp.down_proj.lora_A.weight": (3, 96),
        "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight": (64, 3),
    }
    assert sum(tensor.size for tensor in trained.tensors.values()) == recipe.n_parameters(base.shape)


def test_the_gradient_is_that_of_the_answers_mean_loss(base: BaseModel) -> None:
    """One step of plain transformers, with its own loss over labels, ends at the same place."""
    from ondevice.adaptation.lora.lora import attached
    from ondevice.adaptation.lora.losses import add_gradients

    chosen = EXAMPLES[:3]
    width = max(map(len, chosen))
    ids, labels = torch.zeros((3, width), dtype=torch.long), torch.full((3, width), -100)
    for row, example in enumerate(chosen):
        whole = torch.tensor([*example.prompt, *example.answer])
        ids[row, : len(whole)] = whole
        labels[row, len(example.prompt) : len(whole)] = whole[len(example.prompt) :]
    with attached(base, RECIPE, seed=0) as parameters:
        loss = add_gradients(base.model, chosen, sum(len(example.answer) for example in chosen))
        ours = {name: parameter.grad.clone() for name, parameter in parameters.items()}
        for parameter in parameters.values():
            parameter.grad = None
        reference = base.model(input_ids=ids, labels=labels).loss
        reference.backward()
        assert loss == pytest.approx(float(reference.detach()), rel=1e-5)
        for name, parameter in parameters.items():
            assert torch.allclose(ours[name], parameter.grad, atol=1e-5)
    assert any(float(gradient.abs().max()) > 1e-3 for gradient in ours.values())


def test_losses_do_not_depend_on_what_stands_together(base: BaseModel) -> None:
    together = answer_losses(base.model, HELD_OUT)
    alone = answer_losses(base.model, HELD_OUT, part_tokens=1)
    assert np.allclose(together, alone, atol=1e-4)
    assert len(set(together.round(3))) > 6


def test_a_damaged_base_diverges_with_a_clear_error(base_path: Path) -> None:
    base = load_base(base_path)
    with torch.no_grad():
        base.model.model.norm.weight[0] = float("nan")
    with pytest.raises(AdaptationError, match="the loss of the held-out examples is no number"):
        learn(base)


def test_numbers_too_large_diverge_with_a_clear_error_and_without_a_trace(base: BaseModel) -> None:
    before = torch_logits(base.model, TOKENS)
    with pytest.raises(AdaptationError, match="is no number") as caught:
        learn(base, config=config_with(learning_rate=1e30))
    assert "learning rate" in str(caught.value)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)


def test_memory_that_cannot_do_is_refused_before_and_enough_changes_nothing(base: BaseModel, learned: Trained) -> None:
    with pytest.raises(AdaptationError, match=r"needs about \d+ MB of memory, but may use 1 MB"):
        learn(base, config=config_with(max_memory_bytes=10**6))
    assert same(learn(base, config=config_with(max_memory_bytes=10**12)), learned)


def test_a_checkpoint_of_another_training_is_refused(base: BaseModel) -> None:
    paused = learn(base, pause=after(2))
    for other in (config_with(seed=5), config_with(learning_rate=1e-3)):
        with pytest.raises(AdaptationError, match="belongs to a training with other examples"):
            learn(base, config=other, resume=paused.checkpoint)
    with pytest.raises(AdaptationError, match="other examples"):
        train(base, EXAMPLES[1:], HELD_OUT, RECIPE, BRIEF, resume=paused.checkpoint)
    assert learn(base, config=config_with(max_seconds=1e6), resume=paused.checkpoint).report.stopped == "done"


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_a_damaged_checkpoint_is_refused(base: BaseModel, cut: int) -> None:
    checkpoint = learn(base, pause=after(1)).checkpoint
    assert checkpoint is not None
    with pytest.raises(CorruptError, match="damaged"):
        learn(base, resume=checkpoint[:cut])


def test_misuse_is_said(base: BaseModel) -> None:
    with pytest.raises(ValueError, match="0 held out"):
        train(base, EXAMPLES, [], RECIPE, CONFIG)
    with pytest.raises(ValueError, match="block 2, but the model has 2 blocks"):
        learn(base, LoraRecipe(blocks=(2,)))
    with (
        applied(base, RECIPE, learn(base, config=config_with(epochs=1)).tensors),
        pytest.raises(ValueError, match="being"),
    ):
        learn(base)


def test_nothing_of_the_user_in_a_repr(learned: Trained) -> None:
    assert "lora_A" not in repr(learned)
