"""An app made into one executable is itself what it starts for a trial, once it has agreed to that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.ondevice.trial.damaged import generator_with
from tests.tiny_models import make_tiny_encoder

ROOT = Path(__file__).parents[3]
APP = f"""#!{sys.executable}
import sys
sys.frozen = True
sys.executable = __file__
AGREE
print("the app begins")
from ondevice import install_bundle
try:
    print(install_bundle(sys.argv[1], models=sys.argv[2]).version)
except Exception as error:
    print(type(error).__name__, error)
"""
AGREE = "from ondevice.trial import freeze_support; freeze_support()"


def run(folder: Path, source: Path, *, agree: str) -> list[str]:
    app = folder / "app"
    app.write_text(APP.replace("AGREE", agree))
    app.chmod(0o755)
    ran = subprocess.run(
        [app, source, folder / "models"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_it_tries_bundles_in_a_process_of_its_own(tmp_path: Path) -> None:
    bundle = make_tiny_encoder(tmp_path / "made")
    assert run(tmp_path, bundle.folder, agree=AGREE) == ["the app begins", bundle.version]
    bad = generator_with(tmp_path / "bad", "llama.block_count", 0)
    _, refused = run(tmp_path, bad.folder, agree=AGREE)
    assert refused.startswith("BundleError the generator 'tiny-generator' crashed the process")


def test_it_is_told_to_agree_rather_than_started_anew(tmp_path: Path) -> None:
    _, refused = run(tmp_path, make_tiny_encoder(tmp_path / "made").folder, agree="")
    assert refused.startswith("ValueError a frozen app must call ondevice.trial.freeze_support() first")


def test_elsewhere_agreeing_has_no_effect() -> None:
    code = f"import sys; sys.argv.append('--ondevice-trial'); {AGREE}; print('goes on')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout == "goes on\n"
