from __future__ import annotations

import os
from pathlib import Path

from ondevice.generation.llama.cores import _linux_cores, physical_cores


def test_there_is_at_least_one_core():
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


def test_siblings_count_once(tmp_path: Path):
    for cpu, siblings in enumerate(("0,2", "1,3", "0,2", "1,3")):
        topology = tmp_path / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(siblings)
    assert _linux_cores({0, 1, 2, 3}, tmp_path) == 2
    assert _linux_cores({0, 2}, tmp_path) == 1


def test_without_a_topology_every_cpu_counts(tmp_path: Path):
    assert _linux_cores({0, 1, 5}, tmp_path) == 3
    assert _linux_cores(set(), tmp_path) == 1
