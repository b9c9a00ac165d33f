"""onnxruntime says nothing to anybody: proven in child processes where nothing else keeps it quiet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ondevice.errors import BundleError
from ondevice.retrieval.encoding.session import TELEMETRY_OFF, Session
from tests.tiny_models import make_tiny_encoder

ROOT = Path(__file__).parents[3]

OURS = """
import json, os, sys, time
import numpy as np
from pathlib import Path
from ondevice.retrieval.encoding.session import Session
session = Session(Path(sys.argv[1]))
ids = np.ones((1, 3), np.int64)
shape = session.run({name: ids for name in session.inputs}).shape
time.sleep(0.5)
fds = Path("/proc/self/fd")
links = [os.readlink(fd) for fd in fds.iterdir() if fd.is_symlink()] if fds.is_dir() else []
print(json.dumps({"shape": shape, "sockets": sum(link.startswith("socket:") for link in links)}))
"""

BARE = """
import sys, time, onnxruntime
onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
time.sleep(0.5)
"""


def run_child(code: str, model: Path, home: Path, *, wrapper: list[str] | None = None) -> str:
    """Run Python code with a fresh home and an environment in which nothing but the code silences onnxruntime."""
    home.mkdir(mode=0o700)
    environment = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(home),
    }
    command = [*(wrapper or []), sys.executable, "-c", code, str(model)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def library_has_telemetry() -> bool:
    """Whether this build of onnxruntime carries a telemetry client, read from its own binaries."""
    spec = find_spec("onnxruntime")  # found, not loaded: loading it here is what the tests forbid
    assert spec is not None
    assert spec.origin is not None
    capi = Path(spec.origin).parent / "capi"
    binaries = [
        path for path in capi.iterdir() if path.suffix in (".so", ".pyd", ".dylib", ".dll") or ".so." in path.name
    ]
    assert binaries, "onnxruntime's binaries are not where they are looked for"
    return any(b"events.data.microsoft.com" in path.read_bytes() for path in binaries)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("session") / "tiny").file("model")


def test_our_session_leaves_no_file_and_no_socket(model: Path, tmp_path: Path) -> None:
    seen = json.loads(run_child(OURS, model, tmp_path / "home"))
    assert seen == {"shape": [1, 3, 32], "sockets": 0}
    assert files_under(tmp_path / "home") == []


def test_the_same_watch_sees_a_bare_session_report_if_this_build_can(model: Path, tmp_path: Path) -> None:
    """The control: the watch above would be worthless if it saw nothing of a library that does report.

    A build without a telemetry client must leave nothing, a build with one must be caught. On Linux only: elsewhere
    the client keeps its files outside the home folder.
    """
    run_child(BARE, model, tmp_path / "home")
    was_caught = any("onnxruntime" in name for name in files_under(tmp_path / "home"))
    if sys.platform == "linux":
        assert was_caught == library_has_telemetry()
    else:
        assert library_has_telemetry() or not was_caught


def test_no_network_call_is_made_where_system_calls_can_be_watched(model: Path, tmp_path: Path) -> None:
    """Watch the native threads too, with strace where it is installed, and with the open sockets where it is not."""
    strace = shutil.which("strace")
    log = tmp_path / "calls"
    wrapper = [strace, "-f", "-e", "trace=socket,connect,sendto,sendmsg", "-o", str(log)] if strace else []
    seen = json.loads(run_child(OURS, model, tmp_path / "home", wrapper=wrapper))
    calls = log.read_text().splitlines() if strace else []
    assert [line for line in calls if "AF_INET" in line] == []
    assert seen["sockets"] == 0


def test_a_library_that_others_loaded_with_telemetry_on_is_refused(model: Path, tmp_path: Path) -> None:
    code = """
import sys, onnxruntime
from pathlib import Path
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.session import Session
try:
    Session(Path(sys.argv[1]))
except BundleError as error:
    print(error.hint)
"""
    assert f"set {TELEMETRY_OFF}=1" in run_child(code, model, tmp_path / "home")


def test_a_library_that_others_loaded_with_telemetry_off_is_taken(model: Path, tmp_path: Path) -> None:
    code = f"""
import os, sys
os.environ["{TELEMETRY_OFF}"] = "1"
import onnxruntime
from pathlib import Path
from ondevice.retrieval.encoding.session import Session
print(Session(Path(sys.argv[1])).outputs)
"""
    assert run_child(code, model, tmp_path / "home").strip() == "('states',)"


def test_a_missing_or_broken_graph_is_a_bundle_error(tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"\x08\x01 no graph")
    for name in ("broken.onnx", "missing.onnx"):
        with pytest.raises(BundleError, match=f"the model file '{name}' cannot be loaded"):
            Session(tmp_path / name)


def test_an_input_that_does_not_fit_is_a_bundle_error_without_its_values(model: Path) -> None:
    session = Session(model, threads=1)
    ids = np.full((1, 2), 987654321, np.int64)
    with pytest.raises(BundleError) as caught:
        session.run(dict.fromkeys(session.inputs, ids))
    assert "987654321" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("threads", [0, 10**9])
def test_threads_have_a_range(model: Path, threads: int) -> None:
    with pytest.raises(ValueError, match=f"threads must be 1 to 512, not {threads}"):
        Session(model, threads=threads)
