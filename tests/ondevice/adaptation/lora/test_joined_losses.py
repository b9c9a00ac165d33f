"""What is learned together is learned as if each part stood alone: losses, gradients and trainings agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lessons.joined import Joined, join
from ondevice.adaptation.lora.checkpoint import fingerprint
from ondevice.adaptation.lora.lora import attached
from ondevice.adaptation.lora.losses import add_gradients, answer_losses, mean_loss
from ondevice.adaptation.lora.training import train
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from tests.ondevice.adaptation.planted import user_examples

RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=8.0)
CONFIG = TrainingConfig(learning_rate=1e-2, batch_tokens=60, epochs=2, precision="float32", patience=2)


def group(n_shared: int, *n_own: int, seed: int) -> list[Example]:
    """Return examples whose prompts begin with the same tokens."""
    random = np.random.default_rng(seed)
    shared = random.integers(40, 250, size=n_shared)
    return [
        Example(
            prompt=np.array([*shared, 10 + place, *random.integers(40, 250, size=n)], dtype=np.int32),
            answer=random.integers(40, 250, size=2 + place % 3).astype(np.int32),
        )
        for place, n in enumerate(n_own)
    ]


GROUPS = [group(20, 3, 9, 0, 5, seed=1), group(7, 4, 11, seed=2), group(31, 2, 2, 6, seed=3)]
SEPARATE = [example for each in GROUPS for example in each]
JOINED = [joined for each in GROUPS for joined in join(each, max_tokens=200)]


def gradients(base: BaseModel, parts: list[list[Any]]) -> tuple[float, dict[str, Any]]:
    """Return the loss of a batch that goes through the model in these parts, and the gradients of all matrices."""
    n_answer = sum(example.n_answer for part in parts for example in part)
    with attached(base, RECIPE, seed=3) as parameters:
        with torch.no_grad():
            for number, parameter in enumerate(parameters.values()):
                parameter += 0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
        loss = sum(add_gradients(base.model, part, n_answer) for part in parts)
        return loss, {name: parameter.grad.clone() for name, parameter in parameters.items()}


@pytest.fixture(scope="module")
def separate(base: BaseModel) -> tuple[float, dict[str, Any]]:
    return gradients(base, [[example] for example in SEPARATE])


@pytest.mark.parametrize(
    "parts",
    [
        [[joined] for joined in JOINED],
        [JOINED],
        [[JOINED[1], JOINED[0]], [JOINED[2]]],
        [[JOINED[0], *GROUPS[1], JOINED[2]]],
    ],
    ids=["one by one", "padded to the longest", "in other company", "beside plain ones"],
)
def test_loss_and_gradients_are_those_of_the_examples_alone(
    base: BaseModel, separate: tuple[float, dict[str, Any]], parts: list[list[Any]]
) -> None:
    loss, found = gradients(base, parts)
    assert loss == pytest.approx(separate[0], abs=1e-5)
    assert all(torch.allclose(found[name], expected, atol=1e-4) for name, expected in separate[1].items())
    assert max(float(expected.abs().max()) for expected in separate[1].values()) > 1e-2


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_every_branch_has_its_own_loss(architecture: str, tmp_path: Any) -> None:
    from tests.tiny_llm import make_model, write_base

    model = load_base(write_base(make_model(architecture), tmp_path / "base").file("model")).model
    for each in GROUPS:
        alone = answer_losses(model, each)
        (joined,) = join(each, max_tokens=200)
        assert isinstance(joined, Joined)
        for place, branch in enumerate(joined.branches):
            (loss,) = answer_losses(model, [Joined(prefix=joined.prefix, branches=(branch,))])
            assert loss == pytest.approx(alone[place], abs=1e-4)
        assert answer_losses(model, [joined, *each]).tolist() == pytest.approx([alone.sum(), *alone], abs=1e-4)


def test_a_branch_sees_no_other(base: BaseModel) -> None:
    (joined,) = join(GROUPS[0], max_tokens=200)
    assert isinstance(joined, Joined)
    other = group(20, 3, 9, 0, 5, seed=9)[0]
    changed = Joined(
        prefix=joined.prefix, branches=(*joined.branches[:1], Example(prompt=other.prompt[20:], answer=other.answer))
    )
    kept = Joined(prefix=joined.prefix, branches=joined.branches[:1])
    both = answer_losses(base.model, [changed, kept])
    alone = answer_losses(base.model, [Joined(prefix=joined.prefix, branches=changed.branches[1:])])
    assert both[0] - both[1] == pytest.approx(alone[0], abs=1e-4)


def test_a_training_on_joined_examples_ends_where_one_on_the_separate_ones_ends(base: BaseModel) -> None:
    one_step = TrainingConfig.from_json({**CONFIG.to_json(), "batch_tokens": 10_000})
    held_out = user_examples(4, seed=5)
    together, apart = (train(base, examples, held_out, RECIPE, one_step) for examples in (JOINED, SEPARATE))
    assert together.report.n_steps == apart.report.n_steps == 2
    assert together.report.loss_after == pytest.approx(apart.report.loss_after, abs=1e-4)
    assert together.report.loss_after != together.report.loss_before


def test_a_joined_training_stops_and_goes_on_within_an_epoch(base: BaseModel) -> None:
    kept: list[bytes] = []
    whole = train(base, JOINED, JOINED[:1], RECIPE, CONFIG, on_checkpoint=kept.append, checkpoint_seconds=1e-9)
    assert len(kept) == whole.report.n_steps > 2
    for checkpoint in (kept[0], kept[-1]):
        resumed = train(base, JOINED, JOINED[:1], RECIPE, CONFIG, resume=checkpoint)
        assert all(np.array_equal(resumed.tensors[name], values) for name, values in whole.tensors.items())
    rare: list[bytes] = []
    train(base, JOINED, JOINED[:1], RECIPE, CONFIG, on_checkpoint=rare.append, checkpoint_seconds=1e9)
    assert len(rare) == CONFIG.epochs


def test_a_checkpoint_tells_how_examples_were_joined() -> None:
    marks = [fingerprint(examples, SEPARATE, RECIPE, CONFIG) for examples in (SEPARATE, JOINED, JOINED[:2])]
    other = join([*GROUPS[0][:-1], GROUPS[0][1]], max_tokens=200)
    assert len({*marks, fingerprint([*other, *JOINED[1:]], SEPARATE, RECIPE, CONFIG)}) == 4


def test_the_mean_is_over_all_branches(base: BaseModel) -> None:
    losses = answer_losses(base.model, SEPARATE)
    n_answer = sum(len(example.answer) for example in SEPARATE)
    assert mean_loss(base.model, JOINED) == pytest.approx(losses.sum() / n_answer, abs=1e-5)
