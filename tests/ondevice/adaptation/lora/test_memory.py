"""What a training may take at once follows from the model's sizes, the recipe and the budget."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ondevice.adaptation.lora.memory import MOST_PART_TOKENS, part_tokens, resident_bytes, token_bytes
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape
from ondevice.errors import AdaptationError

SHAPE = ModelShape(
    architecture="llama",
    n_blocks=10,
    dim=64,
    n_heads=4,
    n_kv_heads=2,
    head_dim=16,
    ffn_dim=128,
    vocabulary=300,
)


def test_only_blocks_from_the_lowest_adapted_one_up_are_kept_for_the_gradient() -> None:
    per_block = 4 * (8 * 64 + 4 * 64 + 6 * 32 + 4 * 128)
    whole, upper = token_bytes(SHAPE, LoraRecipe()), token_bytes(SHAPE, LoraRecipe(blocks=(7, 9)))
    assert whole - upper == 7 * per_block


@pytest.mark.parametrize(("longest", "wanted"), [(100, MOST_PART_TOKENS), (900, 900)])
def test_without_a_budget_the_longest_example_decides(longest: int, wanted: int) -> None:
    assert part_tokens(SHAPE, LoraRecipe(), longest=longest, max_memory_bytes=None) == wanted
    assert part_tokens(SHAPE, LoraRecipe(), longest=longest, max_memory_bytes=10**15) == wanted


def test_a_tight_budget_takes_fewer_and_a_tighter_one_is_refused() -> None:
    fixed = 10 * 8 * ((64 + 64) + (64 + 32)) * 16 + 3 * 4 * 128 * 300
    room = 300 * token_bytes(SHAPE, LoraRecipe()) + fixed
    # What the process takes meanwhile may differ by some pages; they are far less than a hundred tokens here.
    fitting = part_tokens(SHAPE, LoraRecipe(), longest=50, max_memory_bytes=resident_bytes() + room)
    assert 200 < fitting < 320
    with pytest.raises(AdaptationError, match=r"needs about \d+ MB of memory, but may use \d+ MB"):
        part_tokens(SHAPE, LoraRecipe(), longest=500, max_memory_bytes=resident_bytes() + room)


GROWING = """
import mmap
from ondevice.adaptation.lora.memory import peak_bytes, resident_bytes
before = resident_bytes()
block = mmap.mmap(-1, 64 << 20)
block.write(b"x" * (64 << 20))
print(resident_bytes() - before, peak_bytes())
"""


def test_memory_that_is_used_is_seen() -> None:
    # In a process of its own: here, what an earlier test has freed would be used again, and nothing would grow.
    told = subprocess.run([sys.executable, "-c", GROWING], capture_output=True, text=True, check=True).stdout
    grown, peak = map(int, told.split())
    assert 60 << 20 < grown < 200 << 20
    assert peak > 64 << 20
