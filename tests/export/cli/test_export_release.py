from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from export.cli.export import app, main
from ondevice.bundle import Bundle, GateResult, write_manifest
from tests.export.cli.commands import Commands
from tests.tiny_models import make_tiny_encoder

run, document = Commands(app).run, Commands(app).document
WORDS = "correct horse battery staple"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    run("keygen", tmp_path / "key.pem", "--unencrypted")
    return tmp_path / "key.pem"


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    made = make_tiny_encoder(tmp_path / "tiny")
    gate = (GateResult(measure="cosine_mean", value=0.999, bound=0.995, data="built-in", n=200, cpu="x86-64 avx2"),)
    write_manifest(made.folder, replace(made.manifest, version="1.0", gate=gate))
    return Bundle.open(made.folder, kind="encoder")


def test_from_key_to_archive_to_a_look_into_it(tmp_path: Path, bundle: Bundle) -> None:
    (tmp_path / "words").write_text(WORDS + "\n")
    made = document("keygen", tmp_path / "key.pem", "--passphrase-file", tmp_path / "words")
    assert Path(made["public"]).read_text() == made["publisher"] + "\n"
    secret = ("--key", tmp_path / "key.pem", "--passphrase-file", tmp_path / "words")
    published = document("publish", bundle.folder, *secret, "--out", tmp_path / "out", "--training-data", "word lists")
    assert published["archive"] == str(tmp_path / "out" / "tiny-encoder-1.0.ondevice")
    assert (published["id"], published["publisher"]) == (bundle.id, made["publisher"])
    found = document("inspect", published["archive"], "--publisher", made["public"])
    assert found["signature"] == {
        "verdict": "trusted",
        "publisher": made["publisher"],
        "fingerprint": made["fingerprint"],
        "reason": None,
    }
    assert found["manifest"]["training_data"] == "word lists"
    assert set(found["manifest"]["files"]) == {"model", "tokenizer", "card"}


def test_people_see_lines_and_tables(tmp_path: Path, bundle: Bundle, key: Path) -> None:
    shown = run("publish", bundle.folder, "--key", key, "--out", tmp_path).stdout
    assert "tiny-encoder-1.0.ondevice" in shown.replace("\n", "")
    seen = run("inspect", tmp_path / "tiny-encoder-1.0.ondevice").stdout
    assert f"id: {bundle.id}\n" in seen
    assert "signature: intact by " in seen
    assert bundle.files["model"].sha256[:16] in seen
    assert "cosine_mean" in seen


def test_a_bundle_of_another_publisher_fails_after_it_is_shown(tmp_path: Path, bundle: Bundle, key: Path) -> None:
    other = document("keygen", tmp_path / "other.pem", "--unencrypted")["publisher"]
    archive = document("publish", bundle.folder, "--key", key, "--out", tmp_path)["archive"]
    found = document("inspect", archive, "--publisher", other, code=7)
    assert found["signature"]["verdict"] == "refused"
    assert document("inspect", bundle.folder)["signature"]["verdict"] == "unsigned"


def test_the_passphrase_is_asked_for_only_where_there_is_someone(tmp_path: Path) -> None:
    code = f"from export.cli.export import main; main(['keygen', {str(tmp_path / 'k')!r}])"
    ran = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True
    )
    assert ran.returncode == 3
    assert "hint: use --passphrase-file" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_wrong_passphrase_is_exit_3(tmp_path: Path, bundle: Bundle) -> None:
    (tmp_path / "words").write_text(WORDS)
    (tmp_path / "wrong").write_text("something else entirely")
    run("keygen", tmp_path / "key.pem", "--passphrase-file", tmp_path / "words")
    given = ("publish", bundle.folder, "--out", tmp_path / "out", "--key", tmp_path / "key.pem")
    error = document(*given, "--passphrase-file", tmp_path / "wrong", code=3)["error"]
    assert error["type"] == "LockedError"
    assert "something" not in error["message"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("text", "says"), [(b"", "must begin"), (b"\nlater", "must begin"), (b"\xff", "UTF-8")])
def test_a_passphrase_file_must_hold_one(tmp_path: Path, text: bytes, says: str) -> None:
    (tmp_path / "words").write_bytes(text)
    error = document("keygen", tmp_path / "k", "--passphrase-file", tmp_path / "words", code=13)["error"]
    assert says in error["message"]


def test_publish_applies_the_bounds_given(tmp_path: Path, bundle: Bundle, key: Path) -> None:
    given = ("publish", bundle.folder, "--key", key, "--out", tmp_path / "out")
    assert document(*given, "--bound", "cosine_mean_min=0.9999", code=10)["error"]["type"] == "ParityError"
    write_manifest(bundle.folder, replace(bundle.manifest, gate=()))
    assert document(*given, code=10)["error"]["hint"] == "run: ondevice-export parity"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("bound", ["cosine_mean_min", "sparkle=1", "cosine_mean_min=high", "cosine_mean_min=nan"])
def test_a_bound_of_another_form_is_a_usage_error(
    tmp_path: Path, bound: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["publish", str(tmp_path), "--key", "k", "--bound", bound, "--json"])
    assert caught.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["inspect", "gone.ondevice"], 6, "NotFoundError"),
        (["publish", "gone", "--key", "gone.pem"], 6, "NotFoundError"),
        (["inspect", ".", "--publisher", "ondevice-publisher-key-1:short"], 13, "InputError"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert document(*arguments, code=code)["error"]["type"] == kind
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
