from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from ondevice.errors import GenerationError
from ondevice.generation.llama.handles import Batch, Context, Handle, Model
from ondevice.generation.llama.native import lib


def test_a_handle_is_freed_exactly_once():
    freed: list[str] = []
    handle = Handle("pointer", freed.append)
    with handle:
        assert handle.pointer == "pointer"
    handle.close()
    del handle
    assert freed == ["pointer"]


def test_a_dropped_handle_is_freed():
    freed: list[str] = []
    Handle("pointer", freed.append)
    assert freed == ["pointer"]


def test_a_part_is_freed_before_what_it_was_made_from():
    freed: list[str] = []
    whole = Handle("whole", freed.append)
    parts = [Handle(name, freed.append, made_from=whole) for name in ("first", "second")]
    parts[1].close()
    whole.close()
    assert freed == ["second", "first", "whole"]


def test_an_engine_that_is_merely_dropped_is_freed_in_order(tiny_bundle):
    """In a process of its own, so that a crash at the interpreter's end is seen as well."""
    code = """
import gc, sys
from pathlib import Path
from ondevice.bundle import Bundle
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import make_tiny_adapter

def use():
    engine = Engine.open(Bundle.open(Path(sys.argv[1]), kind="generator"))
    engine.use_adapter(engine.load_adapter(make_tiny_adapter()))
    engine.me = engine
    stream = engine.stream("hello", max_tokens=9)
    next(stream)
    return engine, stream

use()
gc.collect()
kept = use()
print("done")
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(tiny_bundle.folder)], capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("done\n", "")


def test_a_closed_handle_says_so():
    handle = Handle("pointer", lambda pointer: None)
    handle.close()
    with pytest.raises(ValueError, match="the handle is closed"):
        _ = handle.pointer


@pytest.mark.parametrize("has_amx", [True, False])
def test_weights_are_not_laid_out_for_a_processor_s_tiles(monkeypatch, tiny_bundle, has_amx):
    """GCC before 13 compiles llama.cpp's tiles so that the first prompt of more than a token ends the process."""
    used = []

    def load(path, params):
        used.append(params.use_extra_bufts)
        return load_model(path, params)

    load_model = lib.llama_model_load_from_file
    info = b"CPU : AVX2 = 1 | AMX_INT8 = 1 | " if has_amx else b"CPU : AVX2 = 1 | "
    monkeypatch.setattr(lib, "llama_print_system_info", lambda: info)
    monkeypatch.setattr(lib, "llama_model_load_from_file", load)
    with Model.load(tiny_bundle.file("model")):
        assert used == [not has_amx]


def test_metadata_of_any_length_is_read_whole(tiny_bundle):
    with Model.load(tiny_bundle.file("model")) as model:
        assert model.metadata("general.architecture") == "llama"
        assert model.metadata("no.such.key") is None
        template = model.metadata("tokenizer.chat_template")
        assert template is not None
        assert template.endswith("{% endif %}")


_SHORT_OF_MEMORY = """
import resource, sys
from pathlib import Path
from ondevice.errors import GenerationError
from ondevice.generation.llama.handles import Context, Model

model = Model.load(Path(sys.argv[1]))
Context.create(model, context_tokens=256, batch_tokens=8, threads=1).close()
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 2**20, used + 64 * 2**20))
try:
    Context.create(model, context_tokens=1_000_000, batch_tokens=8, threads=1)
except GenerationError as error:
    print(error.message)
"""


def test_too_little_memory_is_an_error(tiny_bundle):
    """In a process of its own, which may have 64 MiB more: the context needs four times that."""
    command = [sys.executable, "-c", _SHORT_OF_MEMORY, str(tiny_bundle.file("model"))]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "llama.cpp could not make a context of 1000000 tokens\n"
    assert result.stderr == ""


def test_a_full_context_is_an_error(tiny_bundle):
    with (
        Model.load(tiny_bundle.file("model")) as model,
        Context.create(model, context_tokens=256, batch_tokens=64, threads=1) as context,
    ):
        batch = Batch(64)
        for start in range(0, 256, 64):
            context.evaluate(batch.fill([70] * 64, start=start))
        with pytest.raises(GenerationError, match="could not evaluate 1 tokens: the context is full"):
            context.evaluate(batch.fill([70], start=256))


def test_logits_that_were_not_asked_for_are_an_error(tiny_bundle):
    with (
        Model.load(tiny_bundle.file("model")) as model,
        Context.create(model, context_tokens=256, batch_tokens=64, threads=1) as context,
    ):
        context.evaluate(Batch(64).fill([70, 71], start=0))
        assert np.isfinite(context.logits(1)).all()
        with pytest.raises(GenerationError, match="no logits"):
            context.logits(0)


def test_a_batch_forgets_its_tokens():
    batch = Batch(8).fill([1, 2, 3], start=5)
    assert list(batch._position[:3]) == [5, 6, 7]
    assert list(batch._wanted[:3]) == [0, 0, 1]
    batch.wipe()
    assert not batch._token.any()
