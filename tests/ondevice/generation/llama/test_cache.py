from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ondevice.config import Contrast, EngineConfig
from ondevice.errors import GenerationError
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import EMBEDDING, make_tiny_adapter

PROMPT = "The user likes gardens, trains and early mornings. Write one line about it:"
OTHER = "The user likes gardens, trains and late evenings. What do they like?"
NOISE = 0.02
"""Keys and values are half-precision floats: the logits, with a spread of 4, differ by some thousandths."""


def test_swap_of_adapters_gives_the_logits_of_a_cold_run(open_engine, logits):
    warm, cold = open_engine(), open_engine()
    mine, yours = (warm.load_adapter(make_tiny_adapter(seed=seed)) for seed in (1, 2))
    warm.use_adapter(mine)
    of_mine = logits(warm, PROMPT)
    warm.use_adapter(yours)
    of_yours = logits(warm, PROMPT)

    cold.use_adapter(cold.load_adapter(make_tiny_adapter(seed=2)))
    assert np.array_equal(of_yours, logits(cold, PROMPT))
    assert np.abs(of_yours - of_mine).max() > 50 * NOISE


def test_nothing_is_reused_after_a_swap(engine):
    engine.use_adapter(engine.load_adapter(make_tiny_adapter(seed=1)))
    engine.generate(PROMPT, max_tokens=4)
    assert engine.generate(PROMPT, max_tokens=4).n_reused_tokens > 0
    engine.use_adapter(engine.load_adapter(make_tiny_adapter(seed=2)))
    assert engine.generate(PROMPT, max_tokens=4).n_reused_tokens == 0


def test_what_a_swap_left_is_still_to_be_forgotten(engine):
    engine.generate(PROMPT, max_tokens=1)
    engine.use_adapter(engine.load_adapter(make_tiny_adapter(seed=1)))
    engine.generate(PROMPT, max_tokens=1)
    engine.use_adapter(None)
    assert engine.choose("The user likes", ["gardens"]).n_reused_tokens == 0
    assert engine.forget_cache() is True
    assert engine.forget_cache() is False


def test_an_adapter_that_breaks_the_model_leaves_no_residue(open_engine, logits):
    """What is no number would show through the mask that hides the last user's keys and values."""
    engine = open_engine()
    engine.generate(PROMPT + PROMPT, max_tokens=1)
    engine.use_adapter(engine.load_adapter(make_tiny_adapter(seed=1)), 1e30)
    with pytest.raises(GenerationError, match="not numbers"):
        engine.generate(PROMPT + PROMPT, max_tokens=1)
    engine.use_adapter(None)
    assert np.array_equal(logits(engine, PROMPT), logits(open_engine(), PROMPT))


def test_two_copies_of_one_adapter_are_not_confused(engine):
    first, second = (engine.load_adapter(make_tiny_adapter(seed=1)) for _ in range(2))
    engine.use_adapter(first)
    engine.generate(PROMPT, max_tokens=1)
    engine.use_adapter(second)
    assert engine.generate(PROMPT, max_tokens=1).n_reused_tokens == 0


def test_removal_leaves_no_residue(open_engine, logits):
    engine = open_engine()
    before = logits(engine, PROMPT)
    engine.use_adapter(engine.load_adapter(make_tiny_adapter(seed=1)))
    assert not np.allclose(logits(engine, PROMPT), before, atol=NOISE)
    engine.use_adapter(None)
    assert np.array_equal(logits(engine, PROMPT), before)


def test_another_scale_is_another_state(open_engine, logits):
    warm, cold = open_engine(), open_engine()
    adapter = warm.load_adapter(make_tiny_adapter(seed=1))
    warm.use_adapter(adapter, 1.0)
    at_one = logits(warm, PROMPT)
    warm.use_adapter(adapter, 0.5)
    at_half = logits(warm, PROMPT)
    cold.use_adapter(cold.load_adapter(make_tiny_adapter(seed=1)), 0.5)
    assert np.array_equal(at_half, logits(cold, PROMPT))
    assert not np.allclose(at_half, at_one, atol=NOISE)


def test_another_soft_prompt_is_another_state(open_engine, logits):
    warm, cold = open_engine(), open_engine()
    rows = np.random.default_rng(0).standard_normal((2, 3, EMBEDDING)).astype(np.float32)
    warm.use_soft_prompt(rows[0])
    with_first = logits(warm, PROMPT)
    warm.use_soft_prompt(rows[1])
    with_second = logits(warm, PROMPT)
    cold.use_soft_prompt(rows[1])
    assert np.array_equal(with_second, logits(cold, PROMPT))
    assert not np.allclose(with_second, with_first, atol=NOISE)
    warm.use_soft_prompt(None)
    without = open_engine()
    assert np.array_equal(logits(warm, PROMPT), logits(without, PROMPT))


def test_a_soft_prompt_is_kept_for_the_next_request(engine, open_engine, logits):
    rows = np.random.default_rng(0).standard_normal((3, EMBEDDING)).astype(np.float32)
    engine.use_soft_prompt(rows)
    engine.generate(PROMPT, max_tokens=4)
    again = engine.generate(OTHER, max_tokens=1)
    assert 0 < again.n_reused_tokens < again.n_prompt_tokens
    cold = open_engine()
    cold.use_soft_prompt(rows)
    assert np.allclose(logits(engine, OTHER), logits(cold, OTHER), atol=NOISE)


@pytest.mark.parametrize("earlier", [PROMPT, OTHER, "x", PROMPT + PROMPT])
def test_a_warm_request_differs_from_a_cold_one_by_noise_alone(open_engine, logits, earlier):
    warm, cold = open_engine(), open_engine()
    warm.generate(earlier, max_tokens=8)
    assert np.allclose(logits(warm, PROMPT), logits(cold, PROMPT), atol=NOISE)
    assert warm.generate(PROMPT, max_tokens=24).text == cold.generate(PROMPT, max_tokens=24).text


def test_the_same_batches_give_the_same_bits(open_engine, logits):
    """A warm request equals a cold engine that evaluates the reused part and the rest in the same batches."""
    warm, cold = open_engine(), open_engine()
    warm.generate(PROMPT, max_tokens=1)
    n = warm.generate(OTHER, max_tokens=1).n_reused_tokens
    tokens = cold._desk.vocabulary.tokenize_prompt(OTHER)
    cold.generate(PROMPT, max_tokens=1)
    cold._desk.context.truncate(0, n)
    cold._desk.state._held = tokens[:n]
    cold._desk.state.extend(tokens[n:])
    expected = cold._desk.context.logits(-1).copy()
    fresh = open_engine()
    fresh.generate(PROMPT, max_tokens=1)
    assert np.array_equal(logits(fresh, OTHER), expected)


@pytest.mark.parametrize("earlier", [PROMPT, OTHER, "x", PROMPT + PROMPT, PROMPT[:40]])
def test_with_whole_batches_a_warm_request_equals_a_cold_one_bit_for_bit(tiny_bundle, logits, earlier):
    config = EngineConfig(batch_tokens=16, reuse_whole_batches=True)
    with Engine.open(tiny_bundle, config=config) as warm, Engine.open(tiny_bundle, config=config) as cold:
        warm.generate(earlier, max_tokens=8)
        assert np.array_equal(logits(warm, PROMPT), logits(cold, PROMPT))
        again = warm.generate(OTHER, max_tokens=1)
        assert again.n_reused_tokens == 32  # of 36 tokens that both prompts share
        assert np.array_equal(logits(warm, OTHER), logits(cold, OTHER))
        warm.forget_cache()
        assert warm.generate(OTHER, max_tokens=1).n_reused_tokens == 0


def test_identical_runs_give_identical_bits(open_engine, logits):
    assert np.array_equal(logits(open_engine(), PROMPT), logits(open_engine(), PROMPT))


def test_reuse_counts_the_common_prefix(engine):
    first = engine.generate(PROMPT, max_tokens=1)
    assert first.n_reused_tokens == 0
    again = engine.generate(PROMPT, max_tokens=1)
    assert again.n_reused_tokens == again.n_prompt_tokens - 1
    shared = len("The user likes gardens, trains and ") + 1  # one token a byte, and the one that begins a text
    assert engine.generate(OTHER, max_tokens=1).n_reused_tokens == shared


def test_forgetting_gives_a_cold_run_again(open_engine, logits):
    engine = open_engine()
    cold = logits(engine, PROMPT)
    engine.generate(OTHER, max_tokens=5)
    assert engine.forget_cache() is True
    assert engine.forget_cache() is False
    assert engine.generate(PROMPT, max_tokens=1).n_reused_tokens == 0
    engine.forget_cache()
    assert np.array_equal(logits(engine, PROMPT), cold)


def test_erase_says_what_became_of_the_state(engine):
    assert engine.erase([1, 2]).outcome == "absent"
    engine.generate(PROMPT, max_tokens=1)
    outcome = engine.erase([1])
    assert (outcome.kind, outcome.name, outcome.outcome, outcome.count) == (
        "prompt cache",
        engine.model_id,
        "cleared",
        1,
    )


_CHILD = """
import ctypes, sys
from pathlib import Path
import numpy as np
from ondevice.generation.llama.native import lib
from ondevice.bundle import Bundle
from ondevice.config import Contrast
from ondevice.generation.llama.engine import Engine

engine = Engine.open(Bundle.open(Path(sys.argv[1]), kind="generator"))
mine, other = (engine.load_adapter(Path(sys.argv[2]).read_bytes()) for _ in range(2))
if sys.argv[3] == "contrasted":
    engine.use_adapter(mine)
    engine.use_contrast(Contrast())
engine.generate("The landlord is called Fontaine, and the rent is seven hundred and eighty. " * 3, max_tokens=1)
context = (engine._desk.context._plain or engine._desk.context).pointer
size = lib.llama_state_seq_get_size(context, 0)
state = (ctypes.c_uint8 * size)()
lib.llama_state_seq_get_data(context, state, size, 0)
view = np.frombuffer(state, dtype=np.uint8)
print(*((view[place : place + 48] ^ 0x5A).tobytes().hex() for place in range(size // 3, size // 3 + 2560, 640)))
view[:] = 0
if sys.argv[3] == "swapped":
    engine.use_adapter(other)
    engine.generate("The weather was grey.", max_tokens=1)
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[3] == "unloaded":
    engine.use_adapter(mine)
    engine.generate("The weather was grey.", max_tokens=1)
    engine.unload_adapter(mine)
else:
    assert engine.forget_cache()
print("forgotten", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("how", ["plain", "contrasted", "swapped", "unloaded"])
def test_forgetting_leaves_no_key_or_value_in_the_process(tiny_bundle, tmp_path, how):
    """Parts of the prompt's keys and values, found once each in the whole process's memory, and then not at all.

    The search runs in this process: in the other one, what it reads would itself become something to find. Under a
    contrast it looks for those of the plain model's context. A swap of adapters leaves them where they are, but
    whoever forgets afterwards, or frees an adapter, overwrites them.
    """
    adapter = tmp_path / "adapter.gguf"
    adapter.write_bytes(make_tiny_adapter())
    command = [sys.executable, "-W", "ignore", "-c", _CHILD, str(tiny_bundle.folder), str(adapter), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        needles = [bytes(byte ^ 0x5A for byte in bytes.fromhex(part)) for part in child.stdout.readline().split()]
        assert child.stdout.readline() == "ready\n"
        before = _n_found(child.pid, needles)
        child.stdin.write("forget\n")
        child.stdin.flush()
        assert child.stdout.readline() == "forgotten\n"
        after = _n_found(child.pid, needles)
        child.communicate("end\n")
    assert (before, after) == ([1, 1, 1, 1], [0, 0, 0, 0])
    assert child.returncode == 0


def _n_found(pid: int, needles: list[bytes]) -> list[int]:
    """Count each needle in the writable memory of another process."""
    found = [0] * len(needles)
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where, mode = line.split()[:2]
            if "w" in mode:
                start, end = (int(part, 16) for part in where.split("-"))
                memory.seek(start)
                data = bytearray()
                while len(data) < end - start and (part := memory.read(min(1 << 24, end - start - len(data)))):
                    data += part
                found = [n + data.count(needle) for n, needle in zip(found, needles, strict=True)]
    return found


def test_a_failed_evaluation_leaves_no_half_known_state(engine, logits, monkeypatch):
    cold = logits(engine, PROMPT)
    evaluate, calls = type(engine._desk.context).evaluate, []

    def interrupted(self, batch):
        evaluate(self, batch)
        calls.append(batch)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(engine._desk.context), "evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt):
            engine.generate(OTHER, max_tokens=2)
    assert calls
    assert engine.generate(OTHER, max_tokens=1).n_reused_tokens == 0
    engine.forget_cache()
    assert np.array_equal(logits(engine, PROMPT), cold)


@pytest.mark.parametrize("batch_tokens", [1, 7, 64])
def test_the_batch_size_changes_nothing_but_noise(tiny_bundle, open_engine, logits, batch_tokens):
    with Engine.open(tiny_bundle, config=EngineConfig(batch_tokens=batch_tokens)) as small:
        assert np.allclose(logits(small, PROMPT), logits(open_engine(), PROMPT), atol=NOISE)


def test_an_adapter_that_cannot_be_applied_leaves_the_plain_model(open_engine, logits):
    engine = open_engine()
    mine, gone = (engine.load_adapter(make_tiny_adapter(seed=seed)) for seed in (1, 2))
    engine.use_adapter(mine)
    engine.generate(PROMPT, max_tokens=1)
    engine.use_adapter(gone)
    gone.close()
    with pytest.raises(ValueError, match="the adapter is closed"):
        engine.generate(PROMPT, max_tokens=1)
    engine.use_adapter(None)
    assert np.array_equal(logits(engine, PROMPT), logits(open_engine(), PROMPT))


def test_the_key_holds_everything_that_shapes_the_state(engine):
    from ondevice.generation.llama.conditioning import Conditioning

    adapters = [engine.load_adapter(make_tiny_adapter(seed=seed)) for seed in (1, 2)]
    rows = np.eye(2, EMBEDDING, dtype=np.float32)
    variants: list[Callable[[], Conditioning]] = [
        Conditioning,
        lambda: Conditioning(adapter=adapters[0]),
        lambda: Conditioning(adapter=adapters[1]),
        lambda: Conditioning(adapter=adapters[0], scale=0.5),
        lambda: Conditioning(soft_prompt=rows),
        lambda: Conditioning(soft_prompt=2 * rows),
        lambda: Conditioning(adapter=adapters[0], soft_prompt=rows),
        lambda: Conditioning(adapter=adapters[0], contrast=Contrast()),
    ]
    assert len({variant().key() for variant in variants}) == len(variants)
    assert all(variant().key() == variant().key() for variant in variants)
