"""A bundle that crashes or hangs its runtime harms the process it is tried in, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice import OndeviceError, install_bundle, roll_back_bundle
from ondevice.bundle import Bundle, read_manifest, write_manifest
from ondevice.errors import BundleError
from ondevice.trial import trial
from ondevice.trial.process import time_limit
from tests.ondevice.trial.damaged import encoder_that_never_ends, generator_with, with_new_hashes
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

ROOT = Path(__file__).parents[3]
INSTALL = """
import sys
from ondevice import OndeviceError, install_bundle
try:
    print(install_bundle(sys.argv[1], models=sys.argv[2]).version)
except OndeviceError as error:
    print(type(error).__name__, error.message)
"""


def run(
    arguments: list[str], *, cwd: Path, given: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [("llama.block_count", 0), ("llama.block_count", 1 << 30), ("llama.attention.layer_norm_rms_epsilon", 0x7FC00000)],
)
def test_a_language_model_that_aborts_is_refused(tmp_path: Path, key: str, value: int) -> None:
    bad = generator_with(tmp_path / "bad", key, value)
    with pytest.raises(BundleError, match=r"crashed the process it was tried in \(SIGABRT\)") as caught:
        install_bundle(bad.folder, models=tmp_path / "models")
    assert "damaged" in str(caught.value.hint)
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".install-lock"]


def test_the_version_before_stays_and_can_be_gone_back_to(tmp_path: Path) -> None:
    models = tmp_path / "models"
    bad = generator_with(models / "tiny-generator", "llama.block_count", 0)
    good = make_tiny_generator(tmp_path / "good", seed=1)
    write_manifest(good.folder, replace(read_manifest(good.folder), version="2"))
    install_bundle(good.folder, models=models)
    with pytest.raises(BundleError, match="crashed"):
        roll_back_bundle(bad.name, models=models)
    assert Bundle.open(models / "tiny-generator", kind="generator").version == "2"


@pytest.mark.parametrize("key", ["llama.attention.head_count", "llama.embedding_length", "llama.context_length"])
@pytest.mark.parametrize("value", [0, 3])
def test_whatever_its_numbers_say_this_process_goes_on(tmp_path: Path, key: str, value: int) -> None:
    with pytest.raises(OndeviceError):
        trial(tmp_path)(generator_with(tmp_path / "bad", key, value))


def test_a_graph_that_never_ends_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="was still being tried after 1 s"):
        trial(tmp_path, limit_s=1)(encoder_that_never_ends(tmp_path / "bad"))


def test_a_larger_model_has_more_time(tmp_path: Path) -> None:
    small = make_tiny_encoder(tmp_path / "small")
    assert 120 < time_limit(small, None) < time_limit(small, make_tiny_generator(tmp_path / "base").folder) < 130


def test_a_crash_is_silent_and_starts_no_debugger(tmp_path: Path) -> None:
    bad = generator_with(tmp_path / "bad", "llama.block_count", 0)
    (tmp_path / "bin").mkdir()
    for name in ("gdb", "lldb"):
        debugger = tmp_path / "bin" / name
        debugger.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
        debugger.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    arguments = ["-c", INSTALL, str(bad.folder), str(tmp_path / "models")]
    ran = run(arguments, cwd=tmp_path, PATH=path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("BundleError the generator 'tiny-generator' crashed")
    load = (
        "import sys, pathlib; from ondevice.generation.llama.handles import Model; "
        "Model.load(pathlib.Path(sys.argv[1]))"
    )
    in_this_process = run(["-c", load, str(bad.file("model"))], cwd=tmp_path, PATH=path)
    assert in_this_process.returncode == -signal.SIGABRT
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("way", ["script", "command", "stdin", "thread", "worker", "isolated", "elsewhere"])
def test_it_works_from_any_app(tmp_path: Path, way: str) -> None:
    bundle = make_tiny_encoder(tmp_path / "made")
    app = tmp_path / "app.py"
    # Nothing here is guarded against being run again, and the folder is full of what must not be imported.
    app.write_text(IN_A_THREAD if way == "thread" else IN_A_WORKER if way == "worker" else INSTALL)
    for name in ("json.py", "ondevice.py", "numpy.py"):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        (tmp_path / "elsewhere" / name).write_text("raise SystemExit('imported from the current folder')\n")
    given = [str(bundle.folder), str(tmp_path / "models")]
    isolated = f"import sys; sys.path.insert(0, {str(ROOT)!r}); exec(open({str(app)!r}).read())"
    arguments = {
        "command": ["-c", INSTALL, *given],
        "stdin": ["-", *given],
        "isolated": ["-I", "-c", isolated, *given],
    }.get(way, [str(app), *given])
    place = tmp_path / "elsewhere" if way in ("elsewhere", "script") else tmp_path
    ran = run(arguments, cwd=place, given=INSTALL if way == "stdin" else None)
    assert (ran.stdout, ran.stderr) == (f"{bundle.version}\n", "")


def test_an_interpreter_that_is_none_is_not_the_bundle_s_fault(tmp_path: Path) -> None:
    bundle = make_tiny_encoder(tmp_path / "made")
    for program in ("/bin/false", "/bin/cat", str(tmp_path / "nothing")):
        code = f"import multiprocessing, sys; multiprocessing.set_executable({program!r})\n{INSTALL}"
        ran = run(["-c", code, str(bundle.folder), str(tmp_path / "models")], cwd=tmp_path)
        assert ran.stdout.startswith("StorageError no process could be started to try the model in"), ran


def test_a_trial_ends_with_the_app_that_wanted_it(tmp_path: Path) -> None:
    bad = encoder_that_never_ends(tmp_path / "bad")
    app = subprocess.Popen(
        [sys.executable, "-c", INSTALL, str(bad.folder), str(tmp_path / "models")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    children = Path(f"/proc/{app.pid}/task/{app.pid}/children")
    while not (found := children.read_text().split()):
        time.sleep(0.05)
    app.kill()
    app.wait()
    while is_alive(int(found[0])):
        time.sleep(0.05)


def test_a_bundle_that_is_right_is_tried_with_its_runtime(tmp_path: Path) -> None:
    bundle = make_tiny_encoder(tmp_path / "made")
    trial(tmp_path)(bundle)
    bundle.file("model").write_bytes(b"no graph")
    with pytest.raises(BundleError, match="cannot be loaded"):
        trial(tmp_path)(with_new_hashes(bundle.folder))


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


IN_A_THREAD = f"""
import threading
def install():
{"".join(f"    {line}" + chr(10) for line in INSTALL.splitlines())}
thread = threading.Thread(target=install)
thread.start()
thread.join()
"""
IN_A_WORKER = f"""
import multiprocessing
def install():
{"".join(f"    {line}" + chr(10) for line in INSTALL.splitlines())}
    sys.stdout.flush()
worker = multiprocessing.get_context("fork").Process(target=install, daemon=True)
worker.start()
worker.join()
"""
