"""A conversation with the real model: Ctrl-C ends the answer, not the chat."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from ondevice import Personalizer, RecoveryCode

ROOT = Path(__file__).parent.parent.parent
MAX_TOKENS = 400


def test_an_interrupted_answer_is_not_the_end(profile_path: Path, default_models: Path) -> None:
    code = RecoveryCode.generate().text
    with Personalizer.create(profile_path, recovery_code=code, models=default_models) as me:
        me.add("My dentist is Dr. Amin.")
    reader, writer = os.pipe()
    os.write(writer, code.encode())
    os.close(writer)
    command = ["chat", "--profile", str(profile_path), "--models", str(default_models), "--recovery-fd", str(reader)]
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "ondevice.cli", *command, "--max-tokens", str(MAX_TOKENS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        pass_fds=(reader,),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(reader)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("Write a very long story about a king and his seven daughters.\n")
    process.stdin.flush()
    assert process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate("What is the name of my dentist?\n/quit\n", timeout=120)
    assert process.returncode == 0, err
    written = [int(count) for count in re.findall(r"(\d+) written", err)]
    assert len(written) == 2
    assert written[0] < MAX_TOKENS
    assert "Amin" in out
