"""Packages that do what they should not, in place of ones that the main job loads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

CUT_OFF = ("unshare", "-rn", "true")

needs_namespaces = pytest.mark.skipif(
    not shutil.which(CUT_OFF[0]) or bool(subprocess.run(CUT_OFF, check=False, capture_output=True).returncode),
    reason="this system does not let a test make a network namespace (needs util-linux and user namespaces)",
)

_FRONT = """
import importlib.machinery, importlib.util, sys

def _load_the_real_one():
    places = [place for place in sys.path if place != {folder!r}]
    spec = importlib.machinery.PathFinder.find_spec({module!r}, places)
    module = importlib.util.module_from_spec(spec)
    sys.modules[{module!r}] = module
    spec.loader.exec_module(module)

{before}
_load_the_real_one()
{after}
"""

CONNECT = """
int socket(int, int, int), connect(int, const void *, unsigned);
int pthread_create(void *, void *, void *(*)(void *), void *);
long syscall(long, ...);
static unsigned char to[16] = {{2, 0, {port} >> 8, {port} & 255, {address}}};
static void *run(void *unused) {{ {body} return 0; }}
static unsigned long thread;
__attribute__((constructor)) static void begin(void) {{ pthread_create(&thread, 0, run, 0); }}
"""


def plant(folder: Path, module: str, code: str, *, before: str = "") -> Path:
    """Write a package of that name which loads the real one and then runs the code; put its folder on the path."""
    folder.mkdir(exist_ok=True)
    text = _FRONT.format(folder=str(folder), module=module, before=dedent(before), after=dedent(code))
    (folder / f"{module}.py").write_text(text)
    return folder


def compile_native(folder: Path, body: str, *, address: str = "192, 0, 2, 1", port: int = 9) -> Path:
    """Compile a library that runs C code in a native thread of its own as soon as it is loaded."""
    folder.mkdir(exist_ok=True)
    source, library = folder / "native.c", folder / "native.so"
    source.write_text(CONNECT.format(body=body, address=address, port=port))
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", library, source, "-lpthread"], check=True)
    return library
