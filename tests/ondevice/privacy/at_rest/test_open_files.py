"""What a process holds open can be read, also where it has no name any more; files in memory are no files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ondevice.privacy.at_rest.open_files import can_list, open_files


def test_deleted_files_are_read_and_memory_is_not(tmp_path: Path) -> None:
    if not can_list():
        assert not Path("/proc/self/fd").exists()
        return
    memory = os.memfd_create("memory")
    with tempfile.TemporaryFile(dir=tmp_path) as gone, (tmp_path / "there").open("wb") as there:
        for file, data in ((gone, b"without a name"), (there, b"with a name")):
            file.write(data)
            file.flush()
        os.write(memory, b"in memory")
        held = {data for _, data in open_files()}
    os.close(memory)
    assert {b"without a name", b"with a name"} <= held
    assert b"in memory" not in held
