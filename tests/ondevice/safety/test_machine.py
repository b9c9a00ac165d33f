from __future__ import annotations

import os

from ondevice.safety.machine import this_machine


def test_a_machine_has_a_core_and_no_more_free_memory_than_there_is() -> None:
    machine = this_machine()
    assert 1 <= machine.cores <= (os.cpu_count() or 1)
    if machine.memory_bytes is not None:
        assert machine.memory_bytes > 1 << 20
        assert machine.free_bytes is None or 0 < machine.free_bytes <= machine.memory_bytes
