"""The reference pages list what exists: every error, every command, every option."""

from __future__ import annotations

import inspect
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

from export import errors as export_errors
from ondevice import errors
from ondevice.cli.adapt import ADAPTATIONS
from ondevice.cli.app import COMMANDS, SLOTS
from ondevice.cli.audit import audit
from ondevice.cli.audit_bill import AUDIT_COMMANDS
from ondevice.cli.bundles import BUNDLES
from ondevice.cli.evaluate import EVALUATIONS
from ondevice.cli.merged import MERGING
from ondevice.cli.persona import PERSONAS
from ondevice.cli.receipt import RECEIPTS
from ondevice.cli.summary import SUMMARIES
from ondevice.errors import OndeviceError

ROOT = Path(__file__).parent.parent


def test_errors_page_lists_every_error_with_its_exit_code() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE)
    tree = {
        value.__name__: value.exit_code
        for room in (errors, export_errors)
        for value in vars(room).values()
        if inspect.isclass(value) and issubclass(value, OndeviceError)
    }
    assert {name: int(code) for name, code in listed} == tree
    assert len(listed) == len(tree)


def test_cli_page_is_current() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "docs" / "generate_cli.py"), "--check"]
    assert subprocess.run(command, env=environment, check=False).returncode == 0, "run: make docs"


def test_the_table_of_an_audit_s_codes_is_current() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "docs" / "generate_audit_codes.py"), "--check"]
    assert subprocess.run(command, env=environment, check=False).returncode == 0, "run: make docs"


def test_the_sample_of_an_audit_s_page_is_current() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_audit_page.py"))
    assert drawn["SAMPLE"].read_text("utf-8") == drawn["page_of"](drawn["sample"]()), "run: docs/draw_audit_page.py"
    assert drawn["TARGET"].stat().st_size > 0


def test_every_command_says_what_it_does() -> None:
    audits = {"audit": audit, **AUDIT_COMMANDS}
    groups = (
        COMMANDS,
        SLOTS,
        audits,
        BUNDLES,
        ADAPTATIONS,
        SUMMARIES,
        MERGING,
        PERSONAS,
        EVALUATIONS,
        RECEIPTS,
    )
    for group in groups:
        for name, body in group.items():
            assert (inspect.getdoc(body) or "").split("\n")[0].endswith((".", "nothing.", ":")), name
