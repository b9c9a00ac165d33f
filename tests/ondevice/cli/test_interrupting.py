"""Ctrl-C while something runs that can end in good order."""

from __future__ import annotations

import signal

import pytest

from ondevice.cli.interrupting import interrupt_asks


def test_ctrl_c_asks_and_a_second_one_ends() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupt_asks() as asked:
        assert not asked()
        signal.raise_signal(signal.SIGINT)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
