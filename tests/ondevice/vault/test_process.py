"""What a protected process gives away: no core file, and on Linux nothing to another program of the same user."""

from __future__ import annotations

import resource
import subprocess
import sys

PROTECTED = """
import ctypes, os, resource, signal, sys
from ondevice.vault.process import protect_process

hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
print(protect_process())
print("limit", resource.getrlimit(resource.RLIMIT_CORE)[0])
if sys.platform == "linux":
    print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    # What a merged model is loaded through, and what Python itself reads, must go on working.
    held = os.memfd_create("m")
    open(f"/proc/self/fd/{held}", "wb").close()
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGABRT)
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_protected_process_says_what_holds() -> None:
    is_linux = sys.platform == "linux"
    expected = [f"Protection(no_core_files=True, no_readers={is_linux})", "limit 0", *["dumpable 0"] * is_linux]
    assert python(PROTECTED).stdout.splitlines() == expected


def test_a_process_says_whether_it_may_be_dumped() -> None:
    seen = python("from ondevice.vault.process import *; print(is_dumpable()); protect_process(); print(is_dumpable())")
    assert seen.stdout.split() == (["True", "False"] if sys.platform == "linux" else ["None", "None"])


def test_importing_the_package_protects_nothing_by_itself() -> None:
    """Whether a debugger may attach is the app's choice."""
    seen = python("import resource, ondevice; print(resource.getrlimit(resource.RLIMIT_CORE))")
    assert seen.stdout.strip() == str(resource.getrlimit(resource.RLIMIT_CORE))
