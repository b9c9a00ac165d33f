"""Tiny real selectors and projectors, made on the spot, whose results can be computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ondevice.bundle import Bundle, Cut, FileEntry, Kind, Manifest, ProjectorSpec, SelectorSpec, write_manifest
from tests.tiny_models import WORDS

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def weight_of(word: str) -> float:
    """Return what a word adds to a score: three times that where it stands in the second text."""
    return float(1 + WORDS.index(word))


def score_by_hand(first: str, second: str) -> float:
    """Compute what the tiny selector must say of a pair that is not cut."""
    return sum(map(weight_of, first.split())) + 3 * sum(map(weight_of, second.split()))


def make_tiny_selector(
    folder: Path,
    *,
    max_tokens: int = 64,
    columns: int = 0,
    token_types: bool = True,
    poison: str | None = None,
    pairs: bool = True,
    name: str = "tiny-selector",
    pool: Sequence[str] = (),
    k: int = 4,
    margin: float = 1.0,
    default: str | None = None,
    lead_pre: float = 0.0,
    lead_post: float = 0.0,
    cut: Cut = "end",
) -> Bundle:
    """Write a selector bundle into ``folder`` (created) and open it: scores are sums over the words of a pair.

    Args:
        folder: The bundle's folder.
        max_tokens: Longer pairs are cut.
        columns: 0 gives scores [n]; more gives [n, columns].
        token_types: Whether the graph asks which text a token belongs to; if not, both count once.
        poison: A word whose weight is NaN.
        pairs: Whether the tokenizer has a place for a second text.
        name: The bundle's name.
        pool: The retrievers that it chooses among.
        k: Items each of them puts into the prompt.
        margin: Outputs are judged where the best prompt leads by less.
        default: The retriever that stands where no other leads it clearly.
        lead_pre: By how much another must lead it, where prompts are judged.
        lead_post: The same for outputs.
        cut: What a candidate loses that is too long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_pair_tokenizer(folder / "tokenizer.json", pairs=pairs)
    weights = np.array([1000.0, 0.0, 0.0, 0.0, *(weight_of(word) for word in WORDS)], np.float32)
    if poison is not None:
        weights[4 + WORDS.index(poison)] = np.nan
    _write_selector_graph(folder / "model.onnx", weights, columns=columns, token_types=token_types)
    spec = SelectorSpec(
        max_tokens=max_tokens,
        pool=tuple(pool),
        k=k,
        margin=margin,
        default=default,
        lead_pre=lead_pre,
        lead_post=lead_post,
        cut=cut,
    )
    return _bundle(folder, "selector", name=name, selector=spec)


def make_tiny_projector(folder: Path, matrix: np.ndarray, *, spec: ProjectorSpec | None = None) -> Bundle:
    """Write a projector bundle into ``folder`` (created) that multiplies with ``matrix`` (float32[n_in, n_out])."""
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir(parents=True, exist_ok=True)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["vectors", "matrix"], ["projected"])],
        "tiny",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", matrix.shape[0]])],
        [helper.make_tensor_value_info("projected", TensorProto.FLOAT, ["n", matrix.shape[1]])],
        [numpy_helper.from_array(matrix.astype(np.float32), "matrix")],
    )
    _save(graph, folder / "model.onnx")
    n_in, n_out = matrix.shape
    return _bundle(folder, "projector", projector=spec or ProjectorSpec(n_in=n_in, n_out=n_out))


def _bundle(folder: Path, kind: Kind, *, name: str | None = None, **section: Any) -> Bundle:
    files = {"model": FileEntry.measure(folder, "model.onnx")}
    if (folder / "tokenizer.json").exists():
        files["tokenizer"] = FileEntry.measure(folder, "tokenizer.json")
    manifest = Manifest(
        kind=kind,
        name=name or f"tiny-{kind}",
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files=files,
        **section,
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind=kind)


def _write_pair_tokenizer(path: Path, *, pairs: bool) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: index for index, word in enumerate([*SPECIALS, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1" if pairs else "[CLS] $B:1 $A:0",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.save(str(path))


def _write_selector_graph(path: Path, weights: np.ndarray, *, columns: int, token_types: bool) -> None:
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["words", "mask"], ["real"]),
    ]
    counted = "real"
    if token_types:
        nodes += [
            helper.make_node("Cast", ["token_type_ids"], ["types"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["types", "two"], ["twice"]),
            helper.make_node("Add", ["twice", "one"], ["factor"]),
            helper.make_node("Mul", ["real", "factor"], ["weighted"]),
        ]
        counted = "weighted"
    shape: Sequence[str | int] = ["batch"]
    if columns:
        shape = ["batch", columns]
        nodes += [
            helper.make_node("ReduceSum", [counted, "last"], ["column"], keepdims=1),
            helper.make_node("Concat", ["column"] * columns, ["scores"], axis=1),
        ]
    else:
        nodes.append(helper.make_node("ReduceSum", [counted, "last"], ["scores"], keepdims=0))
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1], np.int64), "last"),
            numpy_helper.from_array(np.array(1, np.float32), "one"),
            numpy_helper.from_array(np.array(2, np.float32), "two"),
        ],
    )
    _save(graph, path)


def _save(graph: Any, path: Path) -> None:
    import onnx
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
