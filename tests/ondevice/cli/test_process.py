"""The command as a process: descriptors, exit codes, a pure stdout, a typed passphrase, environment variables."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ondevice import ModelSet, Personalizer, RecoveryCode
from tests.command_line import Run, descriptor

ROOT = Path(__file__).parent.parent.parent.parent


def start(
    *arguments: str, environment: dict[str, str] | None = None, fds: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run ``ondevice`` as its users do."""
    command = [sys.executable, "-W", "error", "-m", "ondevice.cli", *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
    return subprocess.run(
        command, env=env, pass_fds=fds, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        start_new_session=True, timeout=60,
    )  # fmt: skip


def test_a_day_in_the_life_of_a_profile(profile_path: Path) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        number = int(descriptor("open sesame"))
        ran = start(
            *arguments,
            "--json",
            "--passphrase-fd",
            str(number),
            fds=(number,),
            environment={"ONDEVICE_PROFILE": str(profile_path)},
        )
        os.close(number)
        return ran

    assert json.loads(call("init").stdout)["profile"] == str(profile_path)
    added = call("add", "--encoder", "none", "the cat")
    assert (added.returncode, added.stderr) == (0, "")
    item = json.loads(added.stdout)["item"]
    assert json.loads(call("list").stdout)["items"] == [item]
    missing = call("show", "nothing")
    assert missing.returncode == 6
    assert json.loads(missing.stdout)["error"]["type"] == "NotFoundError"


def test_without_terminal_and_secret_it_says_which_ways_there_are(profile: Path) -> None:
    ran = start("list", "--profile", str(profile))
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "--passphrase-fd N" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_secrets_are_taken_neither_from_arguments_nor_from_the_environment(run: Run, profile: Path, code: str) -> None:
    for option in ("--passphrase", "--recovery-code", "--password"):
        assert run("list", "--profile", str(profile), f"{option}={code}").code == 2
    names = ("ONDEVICE_PASSPHRASE", "ONDEVICE_RECOVERY", "ONDEVICE_RECOVERY_CODE")
    assert start("list", "--profile", str(profile), environment=dict.fromkeys(names, code)).returncode == 3


def test_a_typed_passphrase_is_not_echoed(profile_path: Path) -> None:
    typed = "open sesame"
    shown = in_terminal(["init", "--profile", str(profile_path)], [typed, typed])
    assert typed not in shown
    assert "passphrase" in shown.lower()
    again = in_terminal(["list", "--profile", str(profile_path)], ["wrong words"])
    assert "does not open this profile" in again


def in_terminal(arguments: list[str], lines: list[str]) -> str:
    """Run the command in a terminal of its own, type each line when a prompt waits, and return all that was shown."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(PYTHONPATH=str(ROOT), COLUMNS="200")
        os.execv(sys.executable, [sys.executable, "-m", "ondevice.cli", *arguments])
    shown = b""
    waiting = list(lines)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                chunk = os.read(terminal, 4096)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        elif waiting and shown.rstrip().endswith(b":"):
            shown += b"\n"
            os.write(terminal, waiting.pop(0).encode() + b"\n")
    os.waitpid(process, 0)
    os.close(terminal)
    return shown.decode()


@pytest.mark.parametrize("variable", [False, True])
def test_the_models_folder_comes_from_option_or_environment(
    variable: bool, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "some models"
    if variable:
        monkeypatch.setenv("ONDEVICE_MODELS", str(place))
    given = () if variable else ("--models", str(place))
    ran = run("doctor", "--json", "--profile", str(tmp_path / "none"), *given)
    found = {finding["name"]: finding for finding in ran.document["findings"]}
    assert found["models' folder"]["detail"] == str(place)
    assert ran.code == 1


def test_a_typed_passphrase_is_taken_whole(profile_path: Path) -> None:
    whole = "open\x0bse\x85sa\u2028me"
    in_terminal(["init", "--profile", str(profile_path)], [whole, whole])
    with Personalizer.open(profile_path, passphrase=whole, models=ModelSet(encoder=None)):
        pass


ENCODINGS = (
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
)


@pytest.mark.parametrize("environment", ENCODINGS, ids=["windows", "c"])
def test_a_text_is_shown_as_far_as_the_stream_can(profile_path: Path, environment: dict[str, str]) -> None:
    key = bytes(32)
    code = RecoveryCode.generate()
    text = "Pizza night 🍕 in Köln → ok"
    with Personalizer.create(profile_path, app_key=key, recovery_code=code.text, models=ModelSet(encoder=None)) as me:
        me.add(text)

    def call(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        number = int(descriptor(code.text))
        command = [sys.executable, "-m", "ondevice.cli", *arguments, "--recovery-fd", str(number)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "ONDEVICE_PROFILE": str(profile_path), **environment}
        ran = subprocess.run(command, env=env, pass_fds=(number,), capture_output=True, check=False, timeout=60)
        os.close(number)
        return ran

    added = call("add", "--encoder", "none", "--json", "Grüße 🍕")
    assert json.loads(added.stdout)["item"]["text"] == "Grüße 🍕"
    people = call("list")
    assert people.returncode == 0, people.stderr
    assert b"Pizza night ? in K" in people.stdout
