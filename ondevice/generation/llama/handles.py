"""llama.cpp's objects, each owned by one Python object that frees it exactly once.

A constructor either returns an owner or frees what it had and raises; ``close`` may be called twice. None of
these classes is thread-safe: the engine lets one request at a time near them.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NotRequired, Self, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from ondevice.config import CacheType
from ondevice.errors import BundleError, GenerationError
from ondevice.generation.llama.native import has_amx, lib
from ondevice.generation.llama.runtime_log import listening
from ondevice.generation.llama.uses import Uses

PARALLEL_SEQUENCES = 16
"""Sequences a context can hold at once: one for the prompt, the rest for labels scored side by side."""

CACHE_TYPES: Mapping[CacheType, int] = {"f32": 0, "f16": 1, "bf16": 30, "q8_0": 8, "q4_0": 2}
"""``ggml.h``'s numbers of the types that keys and values may be kept in."""

OUTPUTS_PER_BATCH = 64
"""Tokens of one batch whose logits can be asked for; it bounds the memory of the logits."""


class Handle:
    """Owner of one native pointer, which closes what was made from it before itself."""

    def __init__(
        self,
        pointer: Any,  # noqa: ANN401 - an opaque C pointer
        free: Callable[[Any], None],
        *,
        made_from: Handle | None = None,
    ) -> None:
        """Take ownership of ``pointer``, which ``free`` releases, and always before ``made_from``."""
        self._pointer = pointer
        self._free = free
        self._parts: list[Handle] = []
        self._made_from = None if made_from is None else weakref.ref(made_from)
        if made_from is not None:
            made_from._parts.append(self)

    @property
    def is_closed(self) -> bool:
        """Whether the native object has been freed."""
        return self._pointer is None

    @property
    def pointer(self) -> Any:  # noqa: ANN401 - an opaque C pointer
        """The native pointer.

        Raises:
            ValueError: If the handle is closed.
        """
        if self._pointer is None:
            raise ValueError(f"the {type(self).__name__.lower()} is closed")
        return self._pointer

    def close(self) -> None:
        """Free the native object; calling again has no effect."""
        for part in [*self._parts]:
            part.close()
        pointer, self._pointer = self._pointer, None
        whole = None if self._made_from is None else self._made_from()
        if whole is not None and self in whole._parts:
            whole._parts.remove(self)
        if pointer is not None:
            self._free(pointer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A constructor that raised before it owned anything has no pointer to free.
        if getattr(self, "_pointer", None) is not None:
            self.close()


class Model(Handle):
    """The weights and the vocabulary of one GGUF file, mapped into memory.

    Whoever reads the vocabulary without having the turn does so ``with model.uses``: it is not freed meanwhile.
    """

    @classmethod
    def load(cls, path: Path, *, is_mapped: bool = True, gpu_layers: int = 0) -> Self:
        """Map the GGUF file at ``path``, or copy it into memory; so many layers go to a graphics processor, -1 all.

        Raises:
            BundleError: If llama.cpp cannot use the file.
        """
        lib.llama_backend_init()
        params = lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        params.use_extra_bufts = not has_amx()  # weights in another order, the tiles' one among them
        if not is_mapped:
            params.load_mode = lib.LLAMA_LOAD_MODE_NONE
        with listening():
            pointer = lib.llama_model_load_from_file(str(path).encode(), params)
        if not pointer:
            raise BundleError("llama.cpp cannot load the model file", hint="fetch the model again")
        return cls(pointer, lib.llama_model_free)

    def __init__(self, pointer: Any, free: Callable[[Any], None]) -> None:  # noqa: ANN401 - an opaque C pointer
        self.uses = Uses()
        super().__init__(pointer, free)

    @property
    def is_closed(self) -> bool:
        """Whether the model has been freed, or is about to be."""
        return self.uses.is_ending

    def close(self) -> None:
        """Free the native object when no other thread reads its vocabulary; calling again has no effect."""
        self.uses.end()
        super().close()

    @property
    def vocabulary(self) -> Any:  # noqa: ANN401 - an opaque C pointer
        """The vocabulary's pointer, which lives as long as the model."""
        return lib.llama_model_get_vocab(self.pointer)

    @property
    def embedding_size(self) -> int:
        """Numbers in one input embedding."""
        return int(lib.llama_model_n_embd_inp(self.pointer))

    @property
    def trained_context_tokens(self) -> int:
        """The context length the model was trained for."""
        return int(lib.llama_model_n_ctx_train(self.pointer))

    def metadata(self, key: str) -> str | None:
        """Return the GGUF metadata value under ``key`` as text, if there is one."""
        size = 256
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = lib.llama_model_meta_val_str(self.pointer, key.encode(), buffer, size)
            if length < 0:
                return None
            if length < size:
                return buffer.raw[:length].decode("utf-8", "replace")
            size = length + 1


class ContextSettings(TypedDict):
    """How a context is made: its size, by how many threads it is computed, and how it is kept."""

    context_tokens: int
    batch_tokens: int
    threads: int
    cache_type: NotRequired[CacheType]
    flash_attention: NotRequired[bool]
    uses_gpu: NotRequired[bool]


class Context(Handle):
    """The state of an evaluation: the key-value memory and the last logits."""

    @classmethod
    def create(cls, model: Model, **settings: Unpack[ContextSettings]) -> Self:
        """Allocate a context.

        Raises:
            GenerationError: If there is not enough memory, or the model cannot be kept in this cache type.
        """
        context_tokens, cache_type = settings["context_tokens"], settings.get("cache_type", "f16")
        params = lib.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = params.n_ubatch = min(settings["batch_tokens"], context_tokens)
        params.n_seq_max = PARALLEL_SEQUENCES
        params.n_outputs_max = OUTPUTS_PER_BATCH
        params.kv_unified = True  # the parallel sequences share the prompt's cells instead of copying them
        params.n_threads = params.n_threads_batch = settings["threads"]
        params.flash_attn_type = (
            lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if settings.get("flash_attention", True)
            else lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        params.type_k = params.type_v = CACHE_TYPES[cache_type]
        # Otherwise a build for a graphics processor would have it compute long batches, in other last bits.
        params.offload_kqv = params.op_offload = settings.get("uses_gpu", False)
        params.no_perf = True
        with listening():
            pointer = lib.llama_init_from_model(model.pointer, params)
        if not pointer:
            raise GenerationError(
                f"llama.cpp could not make a context of {context_tokens} tokens",
                hint="ask for a shorter context" + ("" if cache_type == "f16" else ", or another cache_type"),
            )
        context = cls(pointer, lib.llama_free, made_from=model)
        context.n_tokens = int(lib.llama_n_ctx(pointer))
        context.n_vocabulary = int(lib.llama_vocab_n_tokens(model.vocabulary))
        return context

    n_tokens: int
    n_vocabulary: int
    _is_sound = True  # whether the last evaluation is known to have given numbers

    @property
    def is_sound(self) -> bool:
        """Whether the last evaluation is known to have given numbers."""
        return self._is_sound

    @property
    def _memory(self) -> Any:  # noqa: ANN401 - an opaque C pointer
        return lib.llama_get_memory(self.pointer)

    def evaluate(self, batch: Batch) -> None:
        """Run the model over ``batch`` and add it to the memory.

        Raises:
            GenerationError: If llama.cpp refuses, for example because the memory is full.
        """
        self._is_sound = False
        code = lib.llama_decode(self.pointer, batch.native)
        if code != 0:
            reason = "the context is full" if code == 1 else f"code {code}"
            raise GenerationError(f"llama.cpp could not evaluate {batch.native.n_tokens} tokens: {reason}")

    def logits(self, index: int) -> NDArray[np.float32]:
        """Return the logits of the batch's token ``index`` (-1: the last), float32[n_vocabulary].

        The array is a view that the next evaluation overwrites.

        Raises:
            GenerationError: If there are none, or they are not numbers.
        """
        pointer = lib.llama_get_logits_ith(self.pointer, index)
        if not pointer:
            raise GenerationError("llama.cpp computed no logits for the token")
        logits: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(self.n_vocabulary,))
        # max() carries a NaN through and costs microseconds; -inf alone is a masked token, not a fault.
        self._is_sound = bool(np.isfinite(logits.max()))
        if not self._is_sound:
            raise GenerationError("the model's logits are not numbers", hint="fetch the model again")
        return logits

    def clear(self) -> None:
        """Forget everything evaluated and overwrite the key-value memory with zeros."""
        lib.llama_memory_clear(self._memory, True)
        self._is_sound = True

    def drop(self) -> None:
        """Forget everything evaluated, and leave the key-value memory to be overwritten by what comes.

        What is left there is masked, which hides numbers but not what is none: without sound logits it is overwritten
        at once.
        """
        if self._is_sound:
            lib.llama_memory_clear(self._memory, False)
        else:
            self.clear()

    def truncate(self, sequence: int, start: int) -> bool:
        """Drop positions from ``start`` on; False where this kind of memory cannot be cut there."""
        return bool(lib.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def fork(self, source: int, target: int) -> None:
        """Let the sequence ``target`` share everything in ``source``."""
        lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def set_adapter(self, adapter: Any | None, scale: float) -> None:  # noqa: ANN401 - an opaque C pointer
        """Apply one adapter, or none, from the next evaluation on.

        Raises:
            GenerationError: If llama.cpp refuses it.
        """
        count = 0 if adapter is None else 1
        adapters = (lib.llama_adapter_lora_p_ctypes * 1)(*([] if adapter is None else [adapter]))
        scales = (ctypes.c_float * 1)(scale)
        if lib.llama_set_adapters_lora(self.pointer, adapters, count, scales) != 0:
            raise GenerationError("llama.cpp refused the adapter")


class Batch:
    """Tokens or embeddings for one evaluation, in arrays that Python owns."""

    def __init__(self, capacity: int) -> None:
        """Reserve room for ``capacity`` tokens."""
        self.capacity = capacity
        self._token = np.zeros(capacity, dtype=np.int32)
        self._position = np.zeros(capacity, dtype=np.int32)
        self._count = np.ones(capacity, dtype=np.int32)
        self._sequence = np.zeros(capacity, dtype=np.int32)
        self._wanted = np.zeros(capacity, dtype=np.int8)
        # llama.cpp wants one pointer per token to that token's sequence ids.
        start, step = self._sequence.ctypes.data, self._sequence.itemsize
        self._sequence_pointers = (start + step * np.arange(capacity)).astype(np.uintp)
        fields = dict(lib.llama_batch._fields_)

        def native(name: str, array: NDArray[Any]) -> Any:  # noqa: ANN401 - a C pointer of the field's type
            return ctypes.cast(array.ctypes.data, fields[name])

        self.native = lib.llama_batch(
            n_tokens=0,
            token=native("token", self._token),
            pos=native("pos", self._position),
            n_seq_id=native("n_seq_id", self._count),
            seq_id=native("seq_id", self._sequence_pointers),
            logits=native("logits", self._wanted),
        )
        self._token_pointer = native("token", self._token)
        self._embedding_type = fields["embd"]

    def fill(self, tokens: Sequence[int], *, start: int, sequence: int = 0, wanted: bool = False) -> Self:
        """Hold ``tokens`` at positions from ``start`` on; logits of the last one, or of all where ``wanted``."""
        n = len(tokens)
        self._token[:n] = tokens
        self._position[:n] = np.arange(start, start + n)
        self._sequence[:n] = sequence
        self._wanted[:n] = wanted
        self._wanted[n - 1] = 1
        self.native.n_tokens = n
        return self

    def fill_parallel(self, rows: Sequence[Sequence[int]], *, start: int) -> Self:
        """Hold each row as its own sequence (1, 2, …), all from ``start`` on, with every token's logits."""
        offset = 0
        for sequence, row in enumerate(rows, 1):
            end = offset + len(row)
            self._token[offset:end] = row
            self._position[offset:end] = np.arange(start, start + len(row))
            self._sequence[offset:end] = sequence
            offset = end
        self._wanted[:offset] = 1
        self.native.n_tokens = offset
        return self

    def fill_embeddings(self, rows: NDArray[np.float32], *, start: int) -> Self:
        """Hold input embeddings, float32[n, embedding size], instead of tokens.

        ``rows`` must stay alive until the evaluation; :meth:`use_tokens` turns the batch back.
        """
        self.fill([0] * len(rows), start=start)
        self.native.token = None
        self.native.embd = ctypes.cast(rows.ctypes.data, self._embedding_type)
        return self

    @property
    def start(self) -> int:
        """The position of the first token."""
        return int(self._position[0])

    @contextmanager
    def earlier(self, by: int) -> Iterator[None]:
        """Hold the same tokens ``by`` positions earlier for the time of the block."""
        self._position -= by
        try:
            yield
        finally:
            self._position += by

    def use_tokens(self) -> None:
        """Point the batch at its tokens again and drop the embeddings."""
        self.native.embd = None
        self.native.token = self._token_pointer

    def wipe(self) -> None:
        """Overwrite the tokens."""
        self._token[:] = 0
