"""A written GGUF computes what transformers computes, reads texts as its tokenizer, and is never half-done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from export.conversion.gguf.write import write_gguf
from export.errors import ConversionError
from export.gate.logits import LogitsReader, compare_logits
from tests.tiny_folders import SPECIAL, edit_json, save_folder, save_tokenizer
from tests.tiny_llm import torch_logits

TEXTS = ("The cat isn't in the garden, is it?", "In 1984:\n\n  12345 warm stones", "def f(x):\n    return x")


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama")
    save_folder(folder)
    return folder


@pytest.fixture
def folder(llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "model"))


@pytest.mark.parametrize(
    ("architecture", "is_tied", "pre"),
    [("llama", False, "smollm"), ("llama", True, "gpt-2"), ("qwen2", False, "qwen2"), ("qwen2", True, "llama-bpe")],
)
def test_logits_are_transformers(tmp_path: Path, architecture: str, is_tied: bool, pre: str) -> None:
    model = save_folder(tmp_path / "model", architecture, pre=pre, is_tied=is_tied)
    for precision, least in (("f32", 0.99999), ("f16", 0.9999), ("bf16", 0.99)):
        write_gguf(tmp_path / "model", tmp_path / "model.gguf", type=precision)  # type: ignore[arg-type]
        with LogitsReader(tmp_path / "model.gguf") as reader:
            rows = [reader.vocabulary.tokenize_text(text) for text in TEXTS]
            parity = compare_logits((torch_logits(model, row), reader.read(row)) for row in rows)
        assert parity.cosine_min >= least
        if precision == "f32":
            assert parity.same_top == 1


def test_the_same_folder_gives_the_same_bytes(llama: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_gguf(llama, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_progress_counts_the_weights(llama: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_gguf(llama, tmp_path / "out.gguf", on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (21, 21)


def test_a_begin_token_that_the_tokenizer_adds_is_kept(folder: Path, tmp_path: Path) -> None:
    from tokenizers import Tokenizer, processors

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{SPECIAL[1]} $A", special_tokens=[(SPECIAL[1], tokenizer.token_to_id(SPECIAL[1]))]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    write_gguf(folder, tmp_path / "out.gguf")
    with LogitsReader(tmp_path / "out.gguf") as reader:
        assert reader.vocabulary.tokenize_prompt("a") == tokenizer.encode("a").ids


def _other_head(folder: Path) -> None:
    edit_json(folder / "config.json", tie_word_embeddings=True)


def _no_head(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["lm_head.weight"]
    save_file(tensors, folder / "model.safetensors")


def _changed(name: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        tensors[name] = change(tensors[name])
        save_file(tensors, folder / "model.safetensors")

    return edit


def _cut(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _config(**fields: Any) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "config.json", **fields)


def _tokenizer(**fields: Any) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "tokenizer_config.json", **fields)


def _not_finite(values: Any) -> Any:
    values[0, 0] = np.nan
    return values


def _huge(values: Any) -> Any:
    values[0, 0] = 1e6
    return values


def _wrong_splitting(folder: Path) -> None:
    """Claim single digits, as smollm splits, where numbers of three digits stay together."""
    save_tokenizer(folder, "llama-bpe")
    path = folder / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace(r"\\p{N}{1,3}| ?[^\\s", r"\\p{N}+|\\p{N}| ?[^\\s"), "utf-8")


KEY = "model.layers.0.mlp.up_proj.weight"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_other_head, "the weights hold another one"),
        (_no_head, "but the weights have none"),
        (_config(architectures=["GPT2LMHeadModel"]), "'GPT2LMHeadModel' is not supported"),
        (_config(architectures=None), "without a name is not supported"),
        (_config(hidden_act="gelu"), "the activation 'gelu'"),
        (_config(sliding_window=16), "a window of 16 of 1024 tokens"),
        (_config(rope_parameters={"rope_type": "yarn", "rope_theta": 1e4, "factor": 2}), "of the type 'yarn'"),
        (_config(num_hidden_layers="2"), "num_hidden_layers"),
        (_config(num_hidden_layers=1), "no place for the weight 'model.layers.1."),
        (_config(num_hidden_layers=3), "lack what GGUF calls 'blk.2."),
        (_config(intermediate_size=128), "the configuration says"),
        (_config(vocab_size=200), "200 embeddings"),
        (_changed(KEY, _not_finite), "1 numbers not finite"),
        (_changed(KEY, _huge), "more than float16's 65504"),
        (_cut, "cannot be read: SafetensorError"),
        (_pickled, "are pickled"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no weights"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text("[", "utf-8"), "is not valid JSON"),
        (_tokenizer(eos_token=None), "names no eos token"),
        (_tokenizer(eos_token="<gone>"), "names a eos token"),
        (_tokenizer(chat_template="{{ raise_exception('no') }}"), "refuses every chat"),
        (_wrong_splitting, "in other tokens than the folder's tokenizer"),
    ],
)
def test_one_clear_error_and_nothing_left(
    folder: Path, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    damage(folder)
    out = tmp_path / "out.gguf"
    with pytest.raises(ConversionError) as caught:
        write_gguf(folder, out)
    assert said in caught.value.message
    assert not out.exists()
