"""The section: each planted fault fails the check, what was not seen is said, and nothing of the user is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.egress import process, runs
from ondevice.privacy.egress import section as egress_section
from ondevice.privacy.findings import Section
from ondevice.records import Draft
from ondevice.signals import Progress
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.ondevice.privacy.egress.faults import compile_native, needs_namespaces, plant
from tests.ondevice.privacy.sections import sections_of
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

KEY = AppKey(b"k" * 32)
MARKER = "zanzibarquokka"
NO_MODELS = ModelSet(encoder=None, generator=None)

Audit = Callable[..., Section]


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Return what audits a profile full of a marker, with a short idle time."""
    monkeypatch.setattr(runs, "IDLE_S", 0.2)
    folder = tmp_path / f"{MARKER}.profile"
    with Vault.create(folder, KEY) as vault:
        vault.items.put_many([Draft(text=f"{MARKER} {number}") for number in range(5)])

    def run(models: ModelSet = NO_MODELS, on_progress: Progress | None = None) -> Section:
        sections = sections_of(folder, KEY, models=models, checks=["egress"], on_progress=on_progress)
        return next(section for section in sections if section.name == "egress")

    return run


def codes(section: Section, *levels: str) -> set[str]:
    return {finding.code for finding in section.findings if finding.level in levels}


def rows(section: Section, title: str) -> list[dict[str, object]]:
    tables = [table for table in section.tables if table.title == title]
    return [dict(zip(table.header, row, strict=True)) for table in tables for row in table.rows]


def facts(section: Section) -> dict[str, object]:
    return {fact.name: fact.value for fact in section.facts}


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the job once, cut off: each run finds the same faults."""
    monkeypatch.setattr(egress_section, "run_all", lambda subject: (runs._run(subject, is_cut_off=True, step=0),))


@needs_namespaces
def test_all_is_well_with_models_and_nothing_of_the_user_is_told(audit: Audit, tmp_path: Path) -> None:
    make_tiny_encoder(tmp_path / "models" / "tiny-encoder")
    make_tiny_generator(tmp_path / "models" / "tiny-generator")
    section = audit(ModelSet(tmp_path / "models", encoder="tiny-encoder", generator="tiny-generator"))
    assert codes(section, "low", "medium", "high") == set()
    assert MARKER not in str(asdict(section)).lower()
    found = facts(section)
    assert found["runs of the main job"] == found["runs with every system call of the network watched"] == 2
    assert found["runs without any network interface"] == 1
    libraries = {row["of"] for row in rows(section, "Libraries with functions of the network")}
    assert {"onnxruntime", "sqlcipher3"} <= libraries
    (own,) = [row for row in rows(section, "Packages that can report their use") if row["package"] == "onnxruntime"]
    assert (own["loaded by the main job"], own["reporting"]) == (True, "off")
    assert not any("in the main job" in line for line in section.not_tested)


FAULTS = """
import ctypes, pathlib, socket, subprocess, sys, threading, uuid
libc, home = ctypes.CDLL(None), pathlib.Path.home()
threading.Thread(target=lambda: socket.socket().connect_ex(("192.0.2.1", 443))).start()
libc.getaddrinfo(b"example.invalid", b"443", None, bytes(8))
libc.socket(16, 3, 0)
libc.syscall(425, 8, bytes(120))
subprocess.run([sys.executable, "-I", "-c", "pass"])
(home / "id").write_text(str(uuid.uuid4()))
(home / "log").write_text("the ferry to quillfjord")
(home / "cache").write_text("anything")
raise RuntimeError("secret words")
"""


@pytest.mark.usefixtures("once")
def test_each_planted_fault_is_found_at_its_level(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "filelock", FAULTS))
    section = audit()
    assert section.verdict == "failed"
    assert {f"egress/{code}" for code in ("connection", "look-up", "socket", "readable-file")} == codes(section, "high")
    medium = ("kernel-socket", "ring", "program", "identifier", "job-failed")
    assert {f"egress/{code}" for code in medium} == codes(section, "medium")
    assert codes(section, "low") == {"egress/files-written"}
    assert "secret words" not in str(asdict(section))


@needs_namespaces
def test_a_native_threads_connection_is_listed_for_each_run(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = compile_native(tmp_path / "native", "connect(socket(2, 1, 0), to, 16);")
    code = f"import ctypes\nctypes.CDLL({str(library)!r})"
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "filelock", code))
    section = audit()
    assert "egress/connection" in codes(section, "high")
    seen = [row for row in rows(section, "Attempts") if row["what"] == "connect"]
    assert {row["run"] for row in seen} == {"no network in view", "network in view"}
    assert {(row["seen in"], row["family"], row["port"]) for row in seen} == {("system calls", "IPv4", 9)}
    assert "native.so" in {row["library"] for row in rows(section, "Libraries with functions of the network")}


@needs_namespaces
def test_without_the_system_calls_a_native_connection_is_missed_and_that_is_said(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "calls_here", lambda: None)
    library = compile_native(tmp_path / "native", "connect(socket(2, 1, 0), to, 16);")
    code = f"import ctypes\nctypes.CDLL({str(library)!r})"
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "filelock", code))
    section = audit()
    assert "egress/connection" not in codes(section, "high")
    assert "egress/not-observed" in codes(section, "note")
    assert any("system calls" in line for line in section.not_tested)
    assert any("saw none" in line for line in section.not_tested)


@pytest.mark.usefixtures("once")
def test_a_package_that_reports_and_is_not_switched_off_fails_the_check(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "filelock", "import wandb"))
    (tmp_path / "faults" / "wandb.py").write_text("")
    # What is silent only because it is told so here would talk elsewhere: but then it is off for this user.
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert "egress/telemetry-on" not in codes(audit(), "medium")
    monkeypatch.delenv("WANDB_MODE")
    section = audit()
    assert "egress/telemetry-on" in codes(section, "medium")
    (row,) = [row for row in rows(section, "Packages that can report their use") if row["package"] == "wandb"]
    assert (row["version"], row["loaded by the main job"], row["reporting"]) == (None, True, "on")


@pytest.mark.usefixtures("once")
@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("filelock", "import onnxruntime"),
        ("onnxruntime", "import os; os.environ.pop('ORT_DISABLE_TELEMETRY', None)"),
    ],
    ids=["by other code before the SDK", "after the SDK switched it off"],
)
def test_onnxruntimes_switch_left_on_fails_the_check(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, code: str
) -> None:
    make_tiny_encoder(tmp_path / "models" / "tiny-encoder")
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "1")  # as another check leaves it, which has loaded the encoder
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", module, code))
    section = audit(ModelSet(tmp_path / "models", encoder="tiny-encoder", generator=None))
    assert "egress/telemetry-on" in codes(section, "high")


@pytest.mark.usefixtures("once")
def test_onnxruntimes_own_reporting_shows_in_the_home_it_is_given(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch is taken away where Python does not see it, just before the library is loaded."""
    make_tiny_encoder(tmp_path / "models" / "tiny-encoder")
    before = "import ctypes; ctypes.CDLL(None).unsetenv(b'ORT_DISABLE_TELEMETRY')"
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "onnxruntime", "", before=before))
    section = audit(ModelSet(tmp_path / "models", encoder="tiny-encoder", generator=None))
    assert "egress/telemetry-on" not in codes(section, "high")
    assert "egress/identifier" in codes(section, "medium")
    assert ".onnxruntime/deviceid" in {row["file"] for row in rows(section, "Files outside the profile")}


@pytest.mark.usefixtures("once")
def test_the_packages_own_import_of_the_network_fails_the_check(
    audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "exec('import socket', {'__name__': 'ondevice.records'})"
    monkeypatch.syspath_prepend(plant(tmp_path / "faults", "filelock", code))
    before = "import sys; sys.modules.pop('socket', None)"
    plant(tmp_path / "faults", "filelock", code, before=before)
    assert "egress/network-import" in codes(audit(), "medium")


def test_a_run_that_cannot_start_is_no_pass(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "interpreter_command", lambda _code: ["/nowhere/python"])
    section = audit()
    assert section.verdict == "noted"
    assert "egress/not-observed" in codes(section, "note")
    assert any("it was not run" in line for line in section.not_tested)


def test_models_that_are_not_there_are_said_and_progress_ends_at_its_whole(audit: Audit, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    lines = audit(ModelSet(tmp_path / "no models"), on_progress=lambda *step: told.append(step)).not_tested
    assert {line.split(" in the main job")[0] for line in lines if "in the main job" in line} == {
        "the encoder",
        "the language model",
    }
    assert told[-1][0] == told[-1][1]
    assert all(done <= total for done, total in told)


@needs_namespaces
def test_it_runs_without_the_rights_of_root(tmp_path: Path) -> None:
    """A process without capabilities still cuts a job off, with a namespace of users."""
    code = "from ondevice.privacy.egress.cut_off import cut_off; print(cut_off())"
    command = [sys.executable, "-c", code]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "True"
