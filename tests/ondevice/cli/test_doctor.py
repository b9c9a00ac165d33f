"""``ondevice doctor`` says what is missing and how to get it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ondevice import ModelSet, Personalizer
from tests.command_line import Run, descriptor


def findings(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in document["findings"]}


def test_a_usable_machine(with_models: Run) -> None:
    ran = with_models("doctor", "--json")
    found = findings(ran.document)
    assert {name: finding["detail"] for name, finding in found.items() if finding["state"] == "missing"} == {}
    assert (ran.code, ran.document["usable"]) == (0, True)
    assert "not readable" in found["encryption"]["detail"]
    assert "ORT_DISABLE_TELEMETRY=1" in found["onnxruntime telemetry"]["detail"]
    assert "whole" in found["profile"]["detail"]
    assert "private" in found["profile's modes"]["detail"]


def test_missing_models_are_named_with_the_remedy(run: Run, tmp_path: Path) -> None:
    ran = run("doctor", "--json", "--models", str(tmp_path), "--profile", str(tmp_path / "none"))
    found = findings(ran.document)
    assert (ran.code, ran.document["usable"]) == (1, False)
    assert found["encoder bge-small-en-int8"]["state"] == "missing"
    assert "ondevice-models fetch" in found["encoder bge-small-en-int8"]["hint"]
    assert found["profile"] == {
        "name": "profile", "state": "note", "detail": f"none at {tmp_path / 'none'}", "hint": "run: ondevice init",
    }  # fmt: skip
    people = run("doctor", "--models", str(tmp_path), "--profile", str(tmp_path / "none"))
    assert "MISSING" in people.out
    assert "ondevice-models fetch" in people.out


def test_a_changed_model_file_is_seen(with_models: Run, run: Run, app_models: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "models"
    shutil.copytree(app_models, copy)
    model = copy / "tiny-encoder" / "model.onnx"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(bytes(data))
    given = ("--models", str(copy), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
    found = findings(run("doctor", "--json", *given, "--profile", str(tmp_path / "none")).document)
    assert found["encoder tiny-encoder"]["state"] == "missing"
    assert "sha-256" in found["encoder tiny-encoder"]["detail"]


def test_files_open_to_others_and_damage_inside(on_profile: Run, profile: Path, tmp_path: Path) -> None:
    looks = ("doctor", "--json", "--models", str(tmp_path / "none"))
    (profile / "keys.json").chmod(0o644)
    found = findings(on_profile(*looks).document)
    assert found["profile's modes"]["state"] == "missing"
    (profile / "keys.json").chmod(0o600)
    document = json.loads((profile / "keys.json").read_text("utf-8"))
    document["epoch"] = 7
    (profile / "keys.json").write_text(json.dumps(document), "utf-8")
    found = findings(on_profile(*looks).document)
    assert found["profile"]["state"] == "missing"


def test_a_profile_whose_last_changes_are_gone_says_so_until_that_is_accepted(
    run: Run, profile: Path, code: str, app_models: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with Personalizer.open(profile, recovery_code=code, models=ModelSet(encoder=None, generator=None)) as me:
        me.add("in the log")
        shutil.copytree(profile, copy)
    for part in ("wal", "shm"):
        (copy / "epoch-1" / f"profile.db-{part}").unlink()
    given = ("--json", "--models", str(app_models), "--profile", str(copy))
    found = findings(run("doctor", *given, "--recovery-fd", descriptor(code)).document)["profile"]
    assert found["state"] == "missing"
    assert "ondevice doctor --accept-loss" in found["hint"]
    assert run("list", "--profile", str(copy), "--recovery-fd", descriptor(code)).code == 4
    found = findings(run("doctor", *given, "--accept-loss", "--recovery-fd", descriptor(code)).document)["profile"]
    assert found["state"] == "ok"
    assert run("list", "--profile", str(copy), "--recovery-fd", descriptor(code)).code == 0
