from __future__ import annotations

import threading

from ondevice.generation.llama.runtime_log import _receive, listening


def test_lines_are_dropped_unless_somebody_listens(capfd):
    _receive(4, b"error\n", None)
    with listening() as lines:
        _receive(2, b"info\n", None)
        _receive(4, b"error \xff\n", None)
    _receive(4, b"later\n", None)
    assert lines == ["error \ufffd\n"]
    assert capfd.readouterr() == ("", "")


def test_another_thread_is_not_heard():
    with listening() as lines:
        thread = threading.Thread(target=_receive, args=(4, b"elsewhere", None))
        thread.start()
        thread.join()
    assert lines == []
