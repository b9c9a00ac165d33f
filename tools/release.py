"""Build all distributions, check them, and try the wheels in an environment of their own: ``python -m tools.release``.

What is built lies in ``dist/`` and can be uploaded as it is. It is tried outside of the repository, so that nothing is
found there that a wheel lacks: the commands start, the version is the one that was built, and every module can be read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_DIST = _ROOT / "dist"
_TRIAL = """
import importlib.metadata, pathlib, sys, tempfile
import ondevice
from ondevice import AppKey, ModelSet, Personalizer
assert pathlib.Path(ondevice.__file__).is_relative_to(sys.prefix), "it was found elsewhere"
for name in ("ondevice-sdk", "ondevice-export", "ondevice-integrations"):
    assert importlib.metadata.version(name) == ondevice.__version__ == sys.argv[1], name
with tempfile.TemporaryDirectory() as folder:
    models = ModelSet(folder, encoder=None, generator=None)
    with Personalizer.create(f"{folder}/me.profile", app_key=b"k" * 32, models=models) as me:
        item = me.add("The boiler will be repaired on Tuesday.")
        assert [hit.item.id for hit in me.search("boiler", retriever="bm25")] == [item.id]
        assert me.forget(item.id).verified
from ondevice.generation.llama import devices
print("llama.cpp:", devices.build_of())
"""


def main() -> int:
    """Build, check and try; return 0 if all is well."""
    shutil.rmtree(_DIST, ignore_errors=True)
    for project in (_ROOT, _ROOT / "export", _ROOT / "ondevice_integrations"):
        _run(sys.executable, "-m", "build", "--outdir", _DIST, project)
    built = sorted(_DIST.iterdir())
    _run(sys.executable, "-m", "twine", "check", "--strict", *built)
    version = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if f"## {version}" not in (_ROOT / "CHANGELOG.md").read_text("utf-8"):
        sys.exit(f"CHANGELOG.md says nothing of {version}")
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        environment = place / "venv"
        venv.create(environment, with_pip=True)
        programs = environment / ("Scripts" if os.name == "nt" else "bin")
        sdk, *others = (next(path for path in built if path.name.startswith(name)) for name in _wheels(version))
        _run(programs / "python", "-m", "pip", "install", "--quiet", "--only-binary=:all:", f"{sdk}[prebuilt]", *others)
        _run(programs / "python", "-m", "pip", "check")
        _run(programs / "python", "-W", "error", "-c", _TRIAL, version, cwd=place)
        for program in ("ondevice", "ondevice-models", "ondevice-export"):
            _run(programs / program, "--version" if program == "ondevice" else "--help", cwd=place)
    print(f"\nready: {', '.join(path.name for path in built)}")
    return 0


def _wheels(version: str) -> tuple[str, ...]:
    return tuple(f"ondevice_{name}-{version}-py3" for name in ("sdk", "export", "integrations"))


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    words = [str(part) for part in command]
    print(f"$ {' '.join(words[:4])} …" if len(words) > 5 else f"$ {' '.join(words)}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    code = subprocess.run(words, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    if code:
        sys.exit(f"this ended with {code}, and nothing is ready")


if __name__ == "__main__":
    sys.exit(main())
