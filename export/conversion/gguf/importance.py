"""The importance matrix: how much each input column of each weight counts, measured on texts.

llama.cpp calls back around every node of its graph. At each product of a weight with activations, the squares of the
activations are summed by column; their mean says how much an error in that column of the weight is multiplied. The
result is what llama.cpp's own quantizers take.

Source: llama.cpp's ``llama-imatrix``.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from export.quantization import Importance
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.handles import Batch, Context, Model
from ondevice.generation.llama.native import c_function, lib
from ondevice.generation.llama.runtime_log import listening
from ondevice.generation.llama.vocabulary import Vocabulary

_PRODUCT = b"MUL_MAT"
_BATCH_TOKENS = 512
_WEIGHT_SUFFIX = b".weight"


class _Tensor(ctypes.Structure):
    """The start of ``struct ggml_tensor``, checked against ggml's own accessors before it is believed."""


_Tensor._fields_ = [
    ("type", ctypes.c_int),
    ("buffer", ctypes.c_void_p),
    ("ne", ctypes.c_int64 * 4),
    ("nb", ctypes.c_size_t * 4),
    ("op", ctypes.c_int),
    ("op_params", ctypes.c_int32 * 16),
    ("flags", ctypes.c_int32),
    ("src", ctypes.POINTER(_Tensor) * 10),
    ("view_src", ctypes.c_void_p),
    ("view_offs", ctypes.c_size_t),
    ("data", ctypes.c_void_p),
    ("name", ctypes.c_char * 64),
]


class _Sums:
    """Listens to one context's evaluations and adds up."""

    def __init__(self) -> None:
        self._op_of = c_function("ggml_op_desc", ctypes.c_char_p, [ctypes.c_void_p])
        self._name_of = c_function("ggml_get_name", ctypes.c_char_p, [ctypes.c_void_p])
        self.squares: dict[str, NDArray[np.float64]] = {}
        self.counts: dict[str, int] = {}
        self.failure: BaseException | None = None

    def hear(self, pointer: int, asks: bool, _user_data: object) -> bool:
        """Answer whether a node matters, and later read its input; an exception cannot cross into C, so it is kept."""
        try:
            if self._op_of(pointer) != _PRODUCT:
                return not asks
            node = ctypes.cast(pointer, ctypes.POINTER(_Tensor)).contents
            weight = node.src[0].contents
            if not weight.name.endswith(_WEIGHT_SUFFIX):
                return not asks
            if not asks:
                self._add(weight, node.src[1].contents)
        except BaseException as error:
            self.failure = error
            return False
        return True

    def _add(self, weight: _Tensor, inputs: _Tensor) -> None:
        if self._name_of(ctypes.addressof(weight)) != weight.name:
            raise ConversionError("this llama.cpp lays its tensors out in a way that this release does not know")
        n_columns, n_rows, step = inputs.ne[0], inputs.ne[1], inputs.nb[1]
        if (inputs.type, inputs.nb[0], inputs.ne[2], inputs.ne[3]) != (0, 4, 1, 1) or weight.ne[2] != 1:
            raise ConversionError("a weight of this model is used in a way whose importance cannot be measured")
        raw = (ctypes.c_char * (step * (n_rows - 1) + 4 * n_columns)).from_address(inputs.data)
        rows = np.ndarray((n_rows, n_columns), np.float32, raw, strides=(step, 4))
        name = weight.name.decode()
        total = self.squares.setdefault(name, np.zeros(n_columns))
        total += np.square(rows, dtype=np.float64).sum(axis=0)
        self.counts[name] = self.counts.get(name, 0) + n_rows


def importance_of(
    gguf: Path, texts: Sequence[str], *, on_progress: Callable[[int, int], None] | None = None
) -> Importance:
    """Run ``texts`` through a model and return the mean square of every weight's input columns, float32[n_in].

    Each text is read alone and cut at 512 tokens. A weight that no text reaches is left out.

    Args:
        gguf: The model, best before it is quantized.
        texts: What the model will be used for; some thousand tokens are enough.
        on_progress: Texts done, and texts in all.
    """
    if not texts:
        raise ConversionError("an importance matrix needs at least one text")
    sums = _Sums()
    with Model.load(gguf) as model:
        vocabulary, batch = Vocabulary(model), Batch(_BATCH_TOKENS)
        with _observed(model, sums) as context:
            for done, text in enumerate(texts, 1):
                tokens = vocabulary.tokenize_prompt(text)[:_BATCH_TOKENS]
                if tokens:
                    context.clear()
                    # Every token's logits, or the last layer would be evaluated for the last token alone.
                    context.evaluate(batch.fill(tokens, start=0, wanted=True))
                if sums.failure is not None:
                    raise sums.failure
                if on_progress is not None:
                    on_progress(done, len(texts))
    means = {name: (total / sums.counts[name]).astype(np.float32) for name, total in sums.squares.items()}
    if damaged := [name for name, values in means.items() if not np.isfinite(values).all()]:
        raise ConversionError(f"the inputs of {damaged[0]!r} are not numbers", hint="the model is damaged")
    return means


@contextlib.contextmanager
def _observed(model: Model, sums: _Sums) -> Iterator[Context]:
    callback = lib.ggml_backend_sched_eval_callback(sums.hear)
    context = _context(model, callback)
    try:
        yield context
    finally:
        context.close()  # before the callback it holds is collected


def _context(model: Model, callback: Any) -> Context:  # noqa: ANN401 - a C function pointer
    params = lib.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = _BATCH_TOKENS
    params.n_threads = params.n_threads_batch = physical_cores()
    params.no_perf = True
    params.cb_eval = callback
    with listening():
        pointer = lib.llama_init_from_model(model.pointer, params)
    if not pointer:
        raise ConversionError(f"llama.cpp could not make a context of {_BATCH_TOKENS} tokens")
    context = Context(pointer, lib.llama_free, made_from=model)
    context.n_tokens = _BATCH_TOKENS
    context.n_vocabulary = int(lib.llama_vocab_n_tokens(model.vocabulary))
    return context
