"""A Hugging Face folder of a causal language model as one GGUF file with floating-point weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from export.conversion.gguf.architectures import Architecture, read_architecture
from export.conversion.gguf.vocabulary import SourceVocabulary, read_vocabulary
from export.conversion.gguf.vocabulary_parity import check_vocabulary
from export.conversion.onnx.checkpoint import weight_files
from export.conversion.onnx.layout import read_object
from export.errors import ConversionError

Precision = Literal["f32", "f16", "bf16"]

_FLOAT16_MAX = float(np.finfo(np.float16).max)
_EMBEDDING, _HEAD = "token_embd.weight", "output.weight"


def write_gguf(
    folder: Path, out: Path, *, type: Precision = "f16", on_progress: Callable[[int, int], None] | None = None
) -> Architecture:
    """Write a model folder's weights and tokenizer to ``out``; the same folder gives the same bytes.

    Matrices become ``type``, vectors stay float32. The file is then opened in llama.cpp, which must read texts, special
    tokens and rendered chats as the folder's own tokenizer does.

    Args:
        folder: ``config.json``, safetensors and ``tokenizer.json``, as transformers saves them.
        out: The file to write; nothing is left of it when this fails.
        type: What matrices become.
        on_progress: Weights written, and weights in all.
    """
    finished = False
    try:
        architecture = read_architecture(read_object(folder / "config.json"))
        vocabulary = read_vocabulary(folder, n_vocabulary=architecture.n_vocabulary)
        with _Weights(folder, architecture) as weights:
            _write(out, architecture, vocabulary, weights, type, on_progress)
        check_vocabulary(folder, out, vocabulary)
        finished = True
    finally:
        if not finished:
            out.unlink(missing_ok=True)
    return architecture


class _Weights:
    """The safetensors of a folder, each weight read when it is wanted."""

    def __init__(self, folder: Path, architecture: Architecture) -> None:
        self._folder = folder
        self._architecture = architecture
        self._open: list[Any] = []
        self._places: dict[str, tuple[Any, str]] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}

    def __enter__(self) -> _Weights:
        for name in weight_files(self._folder):
            if name.endswith(".safetensors"):
                self._add(name)
        self._check()
        return self

    def __exit__(self, *_: object) -> None:
        self._places.clear()
        self._open.clear()

    def read(self, name: str) -> NDArray[np.float32]:
        """Return a weight by its GGUF name, float32, in llama.cpp's order."""
        file, key = self._places[name]
        values: NDArray[np.float32] = file.get_tensor(key).float().numpy()
        if not np.isfinite(values).all():
            raise ConversionError(f"the weight {key!r} holds {int((~np.isfinite(values)).sum())} numbers not finite")
        return self._architecture.arranged(name, values)

    def _add(self, name: str) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            file: Any = safe_open(str(self._folder / name), framework="pt")
            keys = list(file.keys())
            shapes = {key: tuple(file.get_slice(key).get_shape()) for key in keys}
        except (SafetensorError, OSError) as error:
            raise ConversionError(f"the weights {name!r} cannot be read: {type(error).__name__}") from None
        self._open.append(file)
        for key in keys:
            target = self._architecture.tensor_name(key)
            if target is not None:
                self._places[target], self.shapes[target] = (file, key), shapes[key]

    def _check(self) -> None:
        expected = self._architecture.expected()
        if self._architecture.is_tied and _HEAD in self._places:
            self._drop_tied_head()
        elif not self._architecture.is_tied and _HEAD not in self._places:
            raise ConversionError(
                "the configuration says that the output layer is not the embedding table, but the weights have none",
                hint="set tie_word_embeddings to what the model was trained with",
            )
        for name, shape in expected.items():
            if name not in self.shapes:
                raise ConversionError(f"the weights lack what GGUF calls {name!r}")
            if self.shapes[name] != shape:
                raise ConversionError(f"{name!r} has the shape {self.shapes[name]}, but the configuration says {shape}")
        if extra := sorted(set(self.shapes) - set(expected)):
            raise ConversionError(f"the weights have {extra[0]!r}, which the configuration does not know")

    def _drop_tied_head(self) -> None:
        same = self.shapes[_HEAD] == self.shapes.get(_EMBEDDING) and np.array_equal(
            self.read(_HEAD), self.read(_EMBEDDING)
        )
        if not same:
            raise ConversionError(
                "the configuration says that the output layer is the embedding table, but the weights hold another one",
                hint="set tie_word_embeddings to false",
            )
        del self._places[_HEAD], self.shapes[_HEAD]


def _write(
    out: Path,
    architecture: Architecture,
    vocabulary: SourceVocabulary,
    weights: _Weights,
    precision: Precision,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    import gguf

    writer = gguf.GGUFWriter(out, architecture.name)
    try:
        _add_architecture(writer, architecture, precision)
        _add_vocabulary(writer, vocabulary)
        order = list(architecture.expected())
        for name in order:
            shape = weights.shapes[name]
            if len(shape) > 1 and precision == "bf16":
                shape = (*shape[:-1], 2 * shape[-1])  # as bytes, which is how the writer takes a type numpy lacks
                writer.add_tensor_info(
                    name, shape, np.dtype(np.uint8), int(np.prod(shape)), raw_dtype=gguf.GGMLQuantizationType.BF16
                )
                continue
            kind = np.dtype(np.float16 if len(shape) > 1 and precision == "f16" else np.float32)
            writer.add_tensor_info(name, shape, kind, int(np.prod(shape)) * kind.itemsize)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for done, (name, values) in enumerate(((name, weights.read(name)) for name in order), 1):
            writer.write_tensor_data(_stored(name, values, precision))
            if on_progress is not None:
                on_progress(done, len(order))
    finally:
        writer.close()
    with out.open("rb") as file:
        os.fsync(file.fileno())


def _stored(name: str, values: NDArray[np.float32], precision: Precision) -> NDArray[Any]:
    if values.ndim < 2 or precision == "f32":
        return np.ascontiguousarray(values)
    if precision == "bf16":
        import gguf

        stored: NDArray[Any] = gguf.quants.quantize(values, gguf.GGMLQuantizationType.BF16)
        return stored
    largest = float(np.abs(values).max(initial=0.0))
    if largest > _FLOAT16_MAX:
        raise ConversionError(
            f"the weight {name!r} holds {largest:.3g}, more than float16's {_FLOAT16_MAX:.0f}", hint="take bf16 or f32"
        )
    return np.ascontiguousarray(values.astype(np.float16))


def _add_architecture(writer: Any, architecture: Architecture, precision: Precision) -> None:  # noqa: ANN401
    import gguf

    writer.add_context_length(architecture.context_tokens)
    writer.add_embedding_length(architecture.width)
    writer.add_block_count(architecture.n_layers)
    writer.add_feed_forward_length(architecture.n_inner)
    writer.add_head_count(architecture.n_heads)
    writer.add_head_count_kv(architecture.n_kv_heads)
    writer.add_key_length(architecture.head_size)
    writer.add_value_length(architecture.head_size)
    writer.add_rope_dimension_count(architecture.head_size)
    writer.add_rope_freq_base(architecture.rope_base)
    if architecture.rope_scale != 1.0:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(architecture.rope_scale)
    writer.add_layer_norm_rms_eps(architecture.norm_epsilon)
    writer.add_vocab_size(architecture.n_vocabulary)
    kinds = gguf.LlamaFileType
    writer.add_file_type({"f32": kinds.ALL_F32, "f16": kinds.MOSTLY_F16, "bf16": kinds.MOSTLY_BF16}[precision])


def _add_vocabulary(writer: Any, vocabulary: SourceVocabulary) -> None:  # noqa: ANN401 - gguf's writer
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.types))
    if vocabulary.model == "llama":
        writer.add_token_scores(list(vocabulary.scores))
        writer.add_add_space_prefix(vocabulary.adds_space)
    else:
        writer.add_token_merges(list(vocabulary.merges))
    for key, value in _special_ids(vocabulary):
        writer.add_uint32(key, value)
    writer.add_add_bos_token(vocabulary.adds_begin)
    writer.add_add_eos_token(vocabulary.adds_end)
    if vocabulary.chat_template is not None:
        writer.add_chat_template(vocabulary.chat_template)


def _special_ids(vocabulary: SourceVocabulary) -> Iterator[tuple[str, int]]:
    keys = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}
    for role, number in vocabulary.special.items():
        yield f"tokenizer.ggml.{keys[role]}_token_id", number
    others = [number for number in vocabulary.end_ids if number != vocabulary.special["eos"]]
    if others:
        yield "tokenizer.ggml.eot_token_id", others[0]
