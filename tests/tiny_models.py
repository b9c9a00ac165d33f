"""Tiny real models, made on the spot: a deterministic ONNX encoder with a word-level tokenizer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ondevice.bundle import Bundle, EncoderSpec, FileEntry, Manifest, Pooling, write_manifest

VOCABULARY = """
a the and of in to is was i we you my our on at with for from
coffee tea cake lunch dinner bread cheese wine kitchen recipe
train plane ticket hotel beach mountain lake river paris lyon oslo rome
meeting report budget deadline project office boss email invoice contract
dog cat bird horse garden tree rose rain snow sun
guitar piano song concert film book novel poem museum gallery
doctor dentist pill headache knee running bike swim yoga sleep
query passage one two three four five six seven eight nine ten
"""
WORDS = VOCABULARY.split()


def make_tiny_encoder(
    folder: Path,
    *,
    name: str = "tiny-encoder",
    dim: int = 32,
    seed: int = 7,
    pooling: Pooling = "mean",
    max_tokens: int = 64,
    query_prefix: str = "",
    passage_prefix: str = "",
    token_types: bool = True,
    passages: str | None = None,
) -> Bundle:
    """Write an encoder bundle into ``folder`` (created) and open it.

    The graph looks every token up in a table of random unit vectors, so texts that share words are near each other.
    Pooling ``none`` gives a graph that averages by itself; ``passages`` makes it an encoder of queries alone.
    Deterministic in all arguments.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tiny_tokenizer(folder / "tokenizer.json")
    _write_graph(folder / "model.onnx", dim=dim, seed=seed, pools=pooling == "none", token_types=token_types)
    manifest = Manifest(
        kind="encoder",
        name=name,
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files={
            "model": FileEntry.measure(folder, "model.onnx"),
            "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
        },
        encoder=EncoderSpec(
            dim=dim,
            pooling=pooling,
            is_normalized=False,
            max_tokens=max_tokens,
            query_prefix=query_prefix,
            passage_prefix=passage_prefix,
            passages=passages,
        ),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="encoder")


def tiny_table(*, dim: int = 32, seed: int = 7) -> np.ndarray:
    """Return the table the graph holds: float32[4 + len(WORDS), dim]; rows 0 to 3 are [PAD], [UNK], [CLS], [SEP].

    The three special tokens that occur in a text are all zero, so that pooling can be computed by hand from the words.
    """
    table = np.random.default_rng(seed).standard_normal((4 + len(WORDS), dim)).astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    table[0] = 100.0  # padding that leaks into a mean shows at once
    table[2:4] = 0.0
    return table


def write_tiny_tokenizer(path: Path) -> None:
    """Write a lowercase word-level tokenizer that puts [CLS] and [SEP] around a text."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(path))


def _write_graph(path: Path, *, dim: int, seed: int, pools: bool, token_types: bool) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    table = numpy_helper.from_array(tiny_table(dim=dim, seed=seed), "table")
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["states"])]
    if pools:
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["weights"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["weights", "last"], ["column"]),
            helper.make_node("Mul", ["states", "column"], ["weighted"]),
            helper.make_node("ReduceSum", ["weighted", "middle"], ["summed"], keepdims=0),
            helper.make_node("ReduceSum", ["weights", "middle"], ["counted"], keepdims=1),
            helper.make_node("Div", ["summed", "counted"], ["vectors"]),
        ]
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    output = ("vectors", ["batch", dim]) if pools else ("states", ["batch", "tokens", dim])
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
        [
            table,
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([1], np.int64), "middle"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
