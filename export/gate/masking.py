"""This CPU with fewer features: a debugger answers onnxruntime's question what there is.

Programs learn what a CPU can do from its ``cpuid`` instruction. gdb stops at each of those in onnxruntime's library
and takes bits out of the answer (leaf 7), so the library chooses the kernels of a lesser CPU and runs them at full
speed. It works only downwards: a CPU cannot be given what it lacks.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from export.errors import ConversionError
from ondevice.errors import NotFoundError
from ondevice.safety.temporary_folder import temporary_folder

GDB = "gdb"
OBJDUMP = "objdump"

# Register → bits of leaf 7, for its subleaf 0 and 1.
Mask = tuple[Mapping[str, tuple[int, ...]], Mapping[str, tuple[int, ...]]]

_AMX = (22, 24, 25)
_NO_DOT_PRODUCTS = {"rax": (4, 5)}  # AVX-VNNI and AVX512-BF16
NO_VNNI: Mask = ({"rcx": (11,), "rdx": _AMX}, _NO_DOT_PRODUCTS)
NO_AVX512: Mask = ({"rbx": (16, 17, 21, 28, 30, 31), "rcx": (1, 6, 11, 12, 14), "rdx": _AMX}, _NO_DOT_PRODUCTS)

# What gdb runs. It ends with code 3 where the library never asked, because then nothing was taken away.
_SCRIPT = """
import gdb

offsets, masks, library = {offsets!r}, {masks!r}, {library!r}
for setting in ("pagination off", "confirm off", "auto-solib-add off", "debuginfod enabled off"):
    gdb.execute("set " + setting, to_string=True)
gdb.execute("catch load " + library, to_string=True)
gdb.execute("run", to_string=True)
process = gdb.selected_inferior()
if not process.pid:
    gdb.execute("quit 3")
with open("/proc/%d/maps" % process.pid) as maps:
    base = min(int(line.split("-")[0], 16) for line in maps if library in line)
gdb.execute("delete", to_string=True)
places = {{base + offset for offset in offsets}}
for place in places:
    gdb.execute("break *%d" % place, to_string=True)
n_masked = 0
while True:
    gdb.execute("continue", to_string=True)
    if not process.pid:
        break
    if int(gdb.parse_and_eval("(unsigned long)$pc")) not in places:
        gdb.execute("quit 4")
    leaf, part = (int(gdb.parse_and_eval("(unsigned int)$" + name)) for name in ("eax", "ecx"))
    if leaf == 7 and part < len(masks):
        gdb.execute("stepi", to_string=True)
        for register, bits in masks[part].items():
            kept = int(gdb.parse_and_eval("(unsigned long)$" + register)) & ~sum(1 << bit for bit in bits)
            gdb.execute("set $%s = %d" % (register, kept))
        n_masked += 1
gdb.execute("quit %d" % (0 if n_masked else 3))
"""


@contextmanager
def masked(mask: Mask) -> Iterator[tuple[str, ...]]:
    """Give the command that runs a program with bits taken out of what onnxruntime learns of the CPU.

    Raises:
        NotFoundError: If gdb or objdump is not installed.
        ConversionError: If onnxruntime's library cannot be read.
    """
    gdb, objdump = _program(GDB), _program(OBJDUMP)
    library = _library()
    script = _SCRIPT.format(offsets=_questions(objdump, library), masks=mask, library=library.name.partition(".")[0])
    with temporary_folder() as folder:
        path = folder / "mask.py"
        path.write_text(script, "utf-8")
        yield gdb, "-q", "-nx", "-batch", "-x", str(path), "--args"


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NotFoundError(
            f"{name} is not installed, with which features of this CPU are hidden",
            hint="run: apt-get install gdb binutils",
        )
    return path


def _library() -> Path:
    found = find_spec("onnxruntime")  # finds it without loading it
    folder = Path(found.origin).parent / "capi" if found is not None and found.origin else Path()
    paths = sorted(folder.glob("onnxruntime_pybind11_state*.so"))
    if not paths:
        raise ConversionError("onnxruntime's library is not where its package has it")
    return paths[0]


def _questions(objdump: str, library: Path) -> list[int]:
    """Return the addresses of the ``cpuid`` instructions, from the library's start."""
    done = subprocess.run(  # noqa: S603 (a program of the system, on a file of a package)
        [objdump, "-d", "--no-show-raw-insn", str(library)], capture_output=True, text=True, check=False
    )
    found = [line.partition(":")[0] for line in done.stdout.splitlines() if line.rstrip().endswith("cpuid")]
    if done.returncode or not found:
        raise ConversionError(f"{OBJDUMP} finds no cpuid instruction in {library.name}")
    return [int(address, 16) for address in found]
