"""PyTorch and the device make the same rows, and the rows are read as llama.cpp reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from export.conversion.onnx.persona_net import PersonaNet, PersonaSizes
from export.gate.logits import compare_logits
from export.gate.suffix_logits import SuffixReader
from export.training.persona.config import PersonaConfig
from export.training.persona.reading import FrozenReader
from export.training.persona.training import _fast
from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.precision import Precision
from ondevice.adaptation.lora.weights import load_base
from ondevice.config import PersonaWeights
from ondevice.retrieval.encoding.persona_attention import attend, map_query, mixed, spread_evenly
from tests.tiny_llm import make_model, write_base

SIZES = PersonaSizes(n_in=24, n_out=64, n_rows=3, n_task_rows=2, rank=4, hidden=32)


def net() -> PersonaNet:
    """Return one whose map, score and temperature are those of a training."""
    made = PersonaNet(SIZES, 2, length=3.2, temperature=0.05, seed=1)
    made.requires_grad_(False)
    made.up.normal_(std=0.3, generator=torch.Generator().manual_seed(2))
    made.null_score.fill_(0.1)
    return made


def unit(random: np.random.Generator, *shape: int) -> np.ndarray:
    vectors = random.standard_normal(shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors


def on_device(made: PersonaNet, query: np.ndarray, items: np.ndarray, weights: PersonaWeights) -> np.ndarray:
    """Make the rows as a device does, the projector in double precision."""
    shares, null = spread_evenly(len(items))
    if weights == "attention":
        looking = map_query(query, made.up.numpy(), made.down.numpy())
        shares, null = attend(looking, items, temperature=made.temperature, null_score=float(made.null_score))
    projected = made.projector.double()(torch.from_numpy(items).double()).numpy().reshape(-1, 3, 64)
    made.projector.float()
    return mixed(shares, null, projected, made.null.numpy(), gain=float(made.gain))


@pytest.mark.parametrize("weights", ["attention", "mean"])
@pytest.mark.parametrize("n_items", [0, 1, 7, 513])
def test_pytorch_and_the_device_make_the_same_rows(weights: PersonaWeights, n_items: int) -> None:
    random, made = np.random.default_rng(n_items), net()
    query, items = unit(random, 24), unit(random, n_items, 24)
    padded = np.zeros((1, n_items + 2, 24), dtype=np.float32)
    padded[0, :n_items] = items
    mask = torch.arange(n_items + 2)[None] < n_items
    rows = made(torch.from_numpy(query)[None], torch.from_numpy(padded), mask, weights)[0].numpy()
    np.testing.assert_allclose(rows, on_device(made, query, items, weights), atol=1e-5)
    if n_items == 0:
        np.testing.assert_array_equal(rows, made.null.numpy())


def test_a_history_without_items_has_gradients_that_are_numbers() -> None:
    made = PersonaNet(SIZES, 1, length=3.2, temperature=0.05, seed=0)
    rows = made(torch.zeros(1, 24), torch.zeros(1, 1, 24), torch.zeros(1, 1, dtype=torch.bool))
    rows.square().sum().backward()
    assert all(torch.isfinite(each.grad).all() for each in made.parameters() if each.grad is not None)


def test_llama_reads_rows_behind_a_prompt_as_pytorch_does(tmp_path: Path) -> None:
    base = write_base(make_model("llama"), tmp_path / "base")
    reader = FrozenReader(load_base(base.file("model")), "float32")
    random = np.random.default_rng(5)
    prompts = [random.integers(5, 260, n).astype(np.int32) for n in (3, 17, 40)]
    rows = [3 * random.standard_normal((n, 64)).astype(np.float32) for n in (1, 3, 5)]
    examples = [Example(prompt=prompt, answer=np.array([7, 8], np.int32)) for prompt in prompts]
    with torch.inference_mode():
        wanted = reader.logits(reader.read(examples), [torch.from_numpy(each) for each in rows]).numpy()
    with SuffixReader(base.file("model"), threads=1) as llama:
        made = [llama.read_behind(prompt.tolist(), each) for prompt, each in zip(prompts, rows, strict=True)]
        without = [llama.read(prompt.tolist())[-1:] for prompt in prompts]
        with pytest.raises(ValueError, match="must be 1 or more"):
            llama.read_behind([7], np.empty((0, 64), np.float32))
    parity = compare_logits((wanted[place : place + 1], each) for place, each in enumerate(made))
    assert parity.cosine_min > 0.999
    assert compare_logits((wanted[place : place + 1], each) for place, each in enumerate(without)).cosine_min < 0.9


def test_rows_that_are_embeddings_cost_what_their_tokens_cost(tmp_path: Path) -> None:
    reader = FrozenReader(load_base(write_base(make_model("llama"), tmp_path / "base").file("model")), "float32")
    prompt, answer = np.arange(20, 50, dtype=np.int32), np.array([9, 10, 11], np.int32)
    other = Example(prompt=np.arange(60, 64, dtype=np.int32), answer=np.array([5], np.int32))  # padding beside it
    examples = [Example(prompt=prompt[:-2], answer=answer), other]
    rows = [reader.embeddings[torch.from_numpy(prompt[-2:].astype(np.int64))], reader.embeddings[:1]]
    with torch.inference_mode():
        found = reader.losses(reader.read(examples), examples, [0, 1], rows)
        tokens = torch.from_numpy(np.concatenate([prompt, answer]).astype(np.int64))[None]
        model = reader._model
        logits = model(input_ids=tokens).logits[0, len(prompt) - 1 : -1]
        wanted = torch.nn.functional.cross_entropy(logits, tokens[0, len(prompt) :], reduction="sum")
    assert float(found[0]) == pytest.approx(float(wanted), rel=1e-5)


@pytest.mark.parametrize(("precision", "keep_bytes"), [("float32", 20_000), ("bfloat16", 10_000)])
def test_what_is_kept_of_prompts_changes_no_bit_and_is_not_read_again(
    tmp_path: Path, precision: Precision, keep_bytes: int
) -> None:
    base = load_base(write_base(make_model("llama"), tmp_path / "base").file("model"))
    examples, rows = questions_and_rows(30, 9, 41)
    plain, keeps = (FrozenReader(base, precision, keep_bytes=n) for n in (0, keep_bytes))
    wanted = losses_of(plain, examples, rows)
    read: list[int] = []
    base.model.model.register_forward_pre_hook(
        lambda _, __, named: read.extend([named["input_ids"].shape[1]] if "input_ids" in named else []),
        with_kwargs=True,
    )
    assert losses_of(keeps, examples, rows) == wanted
    assert losses_of(keeps, examples, rows) == wanted
    assert read == [30, 9, 41, 41]  # the last does not fit beside the others


def test_matrices_that_are_rounded_once_give_the_bits_of_rounding_them_each_time(tmp_path: Path) -> None:
    base = load_base(write_base(make_model("llama"), tmp_path / "base").file("model"))
    examples, rows = questions_and_rows(12, 5)
    wanted = losses_of(FrozenReader(base, "bfloat16"), examples, rows)
    with _fast(base, PersonaConfig(precision="bfloat16")):
        assert losses_of(FrozenReader(base, "bfloat16"), examples, rows) == wanted
        assert base.model.model.layers[0].mlp.up_proj.weight.dtype == torch.bfloat16


def questions_and_rows(*lengths: int) -> tuple[list[Example], list[torch.Tensor]]:
    random = np.random.default_rng(3)
    prompts = [random.integers(5, 260, n).astype(np.int32) for n in lengths]
    rows = [torch.from_numpy(3 * random.standard_normal((2, 64)).astype(np.float32)) for _ in prompts]
    return [Example(prompt=prompt, answer=np.array([7, 8], np.int32)) for prompt in prompts], rows


def losses_of(reader: FrozenReader, examples: list[Example], rows: list[torch.Tensor]) -> list[float]:
    with torch.no_grad():
        found: list[float] = reader.losses(reader.read(examples), examples, range(len(rows)), rows).tolist()
    return found


def test_a_centred_projector_says_nothing_of_what_all_have_in_common_and_settles_for_good() -> None:
    random, made = np.random.default_rng(5), net()
    common = 3 * unit(random, 24)
    items = torch.from_numpy(unit(random, 40, 24) + common)
    query, mask = torch.from_numpy(unit(random, 4, 24)), torch.ones(4, 10, dtype=torch.bool)
    histories = items.view(4, 10, 24)

    def likeness(rows: torch.Tensor) -> float:
        """Return the mean cosine between different histories' rows."""
        first = torch.nn.functional.normalize(rows[:, 0], dim=1)
        return float((first @ first.T)[~torch.eye(4, dtype=torch.bool)].mean())

    plain = made(query, histories, mask, "mean")
    made.centre(items)
    centred = made(query, histories, mask, "mean")
    made.settle()
    assert likeness(plain) > 0.9
    assert likeness(centred) < 0.5
    torch.testing.assert_close(made(query, histories, mask, "mean"), centred)
    assert float(made.projector(items).mean(dim=0).abs().max()) < 1e-5
