"""``ondevice bundle``: installing, listing, verifying and going back, for people and for programs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.bundle import read_manifest, write_manifest
from tests.command_line import Ran, Run
from tests.ondevice.bundle.signed import OURS, THEIRS, pack
from tests.tiny_models import make_tiny_encoder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    make_tiny_encoder(tmp_path / "models" / "tiny-encoder")
    return tmp_path / "models"


@pytest.fixture
def bundle(run: Run, models: Path) -> Run:
    def call(*arguments: str, stdin: str = "") -> Ran:
        command, *rest = arguments
        return run("bundle", command, "--models", str(models), *rest, stdin=stdin)

    return call


@pytest.fixture
def update(models: Path, tmp_path: Path) -> Path:
    """Return a signed archive of version 2."""
    folder = shutil.copytree(models / "tiny-encoder", tmp_path / "two")
    write_manifest(folder, replace(read_manifest(folder), version="2"))
    OURS.sign(folder)
    return pack(folder, tmp_path / "tiny-encoder-2.ondevice")


def test_install_verify_and_go_back(bundle: Run, update: Path) -> None:
    pinned = ("--publisher", OURS.key.text)
    done = bundle("install", str(update), *pinned, "--json").document
    assert (done["name"], done["kind"], done["version"], done["replaced"]) == ("tiny-encoder", "encoder", "2", "1")
    assert (done["publisher"], done["is_changed"]) == (OURS.key.fingerprint, True)
    assert bundle("install", str(update), *pinned, "--json").document["is_changed"] is False
    verified = bundle("verify", *pinned, "--run", "--json").document["verified"]
    assert [(row["name"], row["ok"], row["id"]) for row in verified] == [("tiny-encoder", True, done["id"])]
    refused = bundle("rollback", "tiny-encoder", *pinned, "--json")
    assert (refused.code, refused.document["error"]["type"]) == (7, "SignatureError")
    back = bundle("rollback", "tiny-encoder", "--json").document
    assert (back["version"], back["replaced"], back["publisher"]) == ("1", "2", None)


def test_the_list_says_what_is_there(bundle: Run, update: Path, models: Path) -> None:
    bundle("install", str(update))
    (models / "broken").mkdir()
    (models / "broken" / "manifest.json").write_text("{")
    broken, tiny = bundle("list", "--json").document["bundles"]
    assert (broken["name"], broken["kind"], broken["problem"]) == ("broken", None, "the manifest is not valid json")
    assert (tiny["version"], tiny["previous"], tiny["signed_by"]) == ("2", "1", OURS.key.fingerprint)
    assert tiny["bytes"] > 1000
    shown = bundle("list").out
    assert OURS.key.fingerprint in shown
    assert "not valid json" in shown


def test_people_read_what_happened(bundle: Run, update: Path) -> None:
    shown = bundle("install", str(update)).out
    assert "tiny-encoder 2 (encoder)" in shown
    assert "not asked for (see --publisher)" in shown
    assert "nothing has changed" in bundle("install", str(update), "--publisher", OURS.key.text).out
    assert "yes" in bundle("verify").out


def test_a_key_may_lie_in_a_file(bundle: Run, update: Path, tmp_path: Path) -> None:
    (tmp_path / "ours.pub").write_text(OURS.key.text + "\n")
    (tmp_path / "no.pub").write_text("no key")
    ours, theirs = ("--publisher", str(tmp_path / "ours.pub")), ("--publisher", THEIRS.key.text)
    assert bundle("install", str(update), *theirs).code == 7
    assert bundle("install", str(update), "--publisher", str(tmp_path / "no.pub")).code == 13
    assert bundle("install", str(update), "--publisher", str(tmp_path / "missing.pub")).code == 6
    assert bundle("install", str(update), *theirs, *ours).code == 0


def test_a_downgrade_must_be_asked_for(bundle: Run, update: Path, tmp_path: Path) -> None:
    bundle("install", str(update))
    older = tmp_path / "older"
    shutil.copytree(tmp_path / "two", older)
    write_manifest(older, replace(read_manifest(older), version="1.5"))
    refused = bundle("install", str(older))
    assert refused.code == 7
    assert "version 1.5 of 'tiny-encoder' is not newer than 2" in " ".join(refused.err.split())
    assert bundle("install", str(older), "--allow-downgrade").code == 0


def test_verify_names_what_is_wrong_and_fails(bundle: Run, models: Path) -> None:
    make_tiny_encoder(models / "another", name="another")
    (models / "tiny-encoder" / "tokenizer.json").write_bytes(b"{}")
    ran = bundle("verify", "--json")
    rows = {row["name"]: row for row in ran.document["verified"]}
    assert ran.code == 4
    assert rows["another"]["ok"]
    assert (rows["tiny-encoder"]["ok"], rows["tiny-encoder"]["error"]) == (False, "CorruptError")
    assert bundle("verify", "another").code == 0
    assert bundle("verify", "nothing").code == 6
    shutil.rmtree(models)
    assert bundle("verify", "--json").document["error"]["type"] == "NotFoundError"


def test_verify_can_run_the_model(bundle: Run, models: Path) -> None:
    folder = models / "tiny-encoder"
    manifest = read_manifest(folder)
    assert manifest.encoder is not None
    write_manifest(folder, replace(manifest, encoder=replace(manifest.encoder, dim=31)))
    assert bundle("verify").code == 0
    ran = bundle("verify", "--run", "--json")
    assert (ran.code, ran.document["verified"][0]["error"]) == (7, "ModelMismatchError")


def test_a_profile_s_commands_take_publishers_and_an_adapter(with_models: Run) -> None:
    refused = with_models("add", "the cat", "--publisher", OURS.key.text, "--json")
    assert (refused.code, refused.document["error"]["type"]) == (7, "SignatureError")
    refused = with_models("ask", "who", "--adapter", "nothing", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (6, "NotFoundError")
