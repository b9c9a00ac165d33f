"""Installing: the old version or the new one, whole, whatever happens; and a way back."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from ondevice.bundle import Bundle
from ondevice.bundle.installing import Installed, install, rollback
from ondevice.errors import BundleError, CorruptError, NotFoundError, SignatureError, StorageError
from tests.ondevice.bundle.signed import OURS, THEIRS, make_bundle, pack

DRIVER = Path(__file__).with_name("install_driver.py")
ROOT = Path(__file__).parents[3]
KEYS = [OURS.key]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


def made(tmp_path: Path, version: str, *, content: bytes | None = None, publisher: object = OURS) -> Path:
    folder = make_bundle(
        tmp_path / "made" / f"{version}-{content!r}-{id(publisher)}",
        version=version,
        content=content or b"weights " + version.encode(),
        publisher=publisher,  # type: ignore[arg-type]
    )
    return pack(folder, folder.with_suffix(".ondevice"))


def in_use(models: Path, name: str = "tiny") -> Bundle:
    return Bundle.open(models / name, kind="generator", publishers=KEYS)


def state(models: Path) -> dict[str, bytes]:
    return {
        path.relative_to(models).as_posix(): path.read_bytes()
        for path in models.rglob("*")
        if path.is_file() and path.name != ".install-lock"
    }


def test_what_is_installed_is_in_use(tmp_path: Path, models: Path) -> None:
    done = install(made(tmp_path, "1"), models, publishers=KEYS)
    assert (done.name, done.version, done.kind, done.replaced, done.is_changed) == (
        "tiny",
        "1",
        "generator",
        None,
        True,
    )
    assert in_use(models) == done.bundle
    assert done.bundle.publisher == OURS.key
    assert done.bundle.folder.parent == models / "tiny"
    for path in models.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_installs_like_its_archive(tmp_path: Path, models: Path) -> None:
    folder = make_bundle(tmp_path / "folder", publisher=OURS)
    (folder / "beside.txt").write_text("not named in the manifest")
    seen: list[tuple[int, int]] = []
    done = install(folder, models, publishers=KEYS, on_progress=lambda *both: seen.append(both))
    assert in_use(models) == done.bundle
    assert not (done.bundle.folder / "beside.txt").exists()
    assert seen[-1] == (907, 907)
    assert not install(pack(folder_without(folder), tmp_path / "a.ondevice"), models, publishers=KEYS).is_changed


def folder_without(folder: Path) -> Path:
    (folder / "beside.txt").unlink()
    return folder


def test_updates_keep_one_version_to_go_back_to(tmp_path: Path, models: Path) -> None:
    for version in ("1", "1.1", "2"):
        done = install(made(tmp_path, version), models, publishers=KEYS)
    assert done.replaced == "1.1"
    assert len([path for path in (models / "tiny").iterdir() if path.is_dir()]) == 2
    assert rollback(models, "tiny", publishers=KEYS).version == in_use(models).version == "1.1"
    again = rollback(models, "tiny", publishers=KEYS)
    assert (again.version, again.replaced, in_use(models).version) == ("2", "1.1", "2")


def test_after_going_back_the_same_version_can_be_installed_again(tmp_path: Path, models: Path) -> None:
    first, second = made(tmp_path, "1"), made(tmp_path, "2")
    install(first, models)
    install(second, models)
    rollback(models, "tiny")
    assert install(second, models).version == in_use(models).version == "2"
    assert rollback(models, "tiny").version == "1"


def test_installing_twice_changes_nothing(tmp_path: Path, models: Path) -> None:
    archive = made(tmp_path, "1")
    install(archive, models)
    before = state(models)
    done = install(archive, models, publishers=KEYS)
    assert (done.is_changed, done.replaced, done.bundle.publisher) == (False, "1", OURS.key)
    assert state(models) == before


def test_installing_repairs_a_damaged_version(tmp_path: Path, models: Path) -> None:
    first, second = made(tmp_path, "1"), made(tmp_path, "2")
    install(first, models)
    damaged = install(second, models).bundle.file("model")
    damaged.write_bytes(b"x")
    with pytest.raises(CorruptError) as caught:
        in_use(models)
    assert caught.value.hint == "install it again, or run: ondevice bundle rollback tiny"
    done = install(second, models)
    assert (done.is_changed, done.replaced, in_use(models).version) == (True, None, "2")
    assert not damaged.exists()
    assert rollback(models, "tiny").version == "1"


def test_a_damaged_pointer_is_an_error_and_installing_mends_it(tmp_path: Path, models: Path) -> None:
    archive = made(tmp_path, "1")
    install(archive, models)
    for data in (b"", b"../other\n", b"v-0\n", b"v-000000000000", b"a\nb\nc\n", b"\xff\n", b"/\n"):
        (models / "tiny" / "current").write_bytes(data)
        with pytest.raises(CorruptError, match="current"):
            in_use(models)
    assert install(archive, models).is_changed
    assert in_use(models).version == "1"


def test_a_plain_folder_is_replaced_and_can_be_gone_back_to(tmp_path: Path, models: Path) -> None:
    make_bundle(models / "tiny", version="1")
    before = state(models)
    done = install(made(tmp_path, "2"), models, publishers=KEYS)
    assert (done.replaced, in_use(models).version) == ("1", "2")
    assert before.items() <= state(models).items()
    assert rollback(models, "tiny").bundle.folder == models / "tiny" / "."
    assert Bundle.open(models / "tiny", kind="generator").version == "1"
    with pytest.raises(SignatureError):
        in_use(models)
    assert rollback(models, "tiny", publishers=KEYS).version == "2"


def test_signing_what_lies_there_unsigned_is_a_change(tmp_path: Path, models: Path) -> None:
    make_bundle(models / "tiny")
    folder = make_bundle(tmp_path / "signed", publisher=OURS)
    assert install(folder, models, publishers=KEYS).is_changed
    assert in_use(models).publisher == OURS.key


def test_an_older_version_is_refused_unless_allowed(tmp_path: Path, models: Path) -> None:
    install(made(tmp_path, "2"), models)
    older = made(tmp_path, "1")
    before = state(models)
    with pytest.raises(BundleError, match="not newer than 2"):
        install(older, models)
    assert state(models) == before
    assert install(older, models, allow_downgrade=True).version == in_use(models).version == "1"


def test_the_same_version_with_other_bytes_is_refused(tmp_path: Path, models: Path) -> None:
    install(made(tmp_path, "1"), models)
    before = state(models)
    with pytest.raises(BundleError, match="with other content"):
        install(made(tmp_path, "1", content=b"other"), models, allow_downgrade=True)
    assert state(models) == before


@pytest.mark.parametrize("publisher", [THEIRS, None], ids=["another's", "unsigned"])
def test_what_is_not_by_a_trusted_publisher_is_refused(tmp_path: Path, models: Path, publisher: object) -> None:
    install(made(tmp_path, "1"), models)
    before = state(models)
    with pytest.raises(SignatureError):
        install(made(tmp_path, "2", publisher=publisher), models, publishers=KEYS)
    assert state(models) == before


def test_a_failing_check_keeps_the_old_version(tmp_path: Path, models: Path) -> None:
    tried = []

    def check(bundle: Bundle) -> None:
        tried.append((bundle.version, bundle.file("model").read_bytes()))
        if bundle.version == "2":
            raise BundleError("it computes nonsense here")

    install(made(tmp_path, "1"), models, check=check)
    before = state(models)
    with pytest.raises(BundleError, match="nonsense"):
        install(made(tmp_path, "2"), models, check=check)
    assert state(models) == before
    assert tried == [("1", b"weights 1"), ("2", b"weights 2")]
    install(made(tmp_path, "3"), models, check=check)
    assert rollback(models, "tiny", check=check).version == "1"


def test_a_failing_check_keeps_what_a_rollback_would_leave(tmp_path: Path, models: Path) -> None:
    def refuse(bundle: Bundle) -> None:
        raise BundleError("no")

    install(made(tmp_path, "1"), models)
    install(made(tmp_path, "2"), models)
    with pytest.raises(BundleError):
        rollback(models, "tiny", check=refuse)
    assert in_use(models).version == "2"


def test_an_interrupted_check_keeps_the_old_version(tmp_path: Path, models: Path) -> None:
    def interrupt(bundle: Bundle) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(made(tmp_path, "1"), models, check=interrupt)
    assert state(models) == {}


def test_a_damaged_archive_or_folder_keeps_the_old_version(tmp_path: Path, models: Path) -> None:
    install(made(tmp_path, "1"), models)
    before = state(models)
    archive = made(tmp_path, "2")
    archive.write_bytes(archive.read_bytes()[:-1500])
    folder = make_bundle(tmp_path / "folder", version="2")
    (folder / "model.gguf").write_bytes(b"weightS")
    for source in (archive, folder):
        with pytest.raises(CorruptError):
            install(source, models)
    (folder / "model.gguf").write_bytes(b"weights and more")
    with pytest.raises(CorruptError):
        install(folder, models)
    (folder / "model.gguf").unlink()
    with pytest.raises(NotFoundError, match="is missing in 'folder'"):
        install(folder, models)
    assert state(models) == before


def test_a_damaged_version_before_is_not_gone_back_to(tmp_path: Path, models: Path) -> None:
    old = install(made(tmp_path, "1"), models).bundle.file("model")
    install(made(tmp_path, "2"), models)
    old.write_bytes(b"x")
    with pytest.raises(CorruptError):
        rollback(models, "tiny")
    assert in_use(models).version == "2"


def test_going_back_from_a_damaged_version_works(tmp_path: Path, models: Path) -> None:
    install(made(tmp_path, "1"), models)
    install(made(tmp_path, "2"), models).bundle.file("model").unlink()
    done = rollback(models, "tiny")
    assert (done.version, done.replaced, in_use(models).version) == ("1", None, "1")


def test_a_version_that_is_gone_is_seen_and_gone_back_from(tmp_path: Path, models: Path) -> None:
    install(made(tmp_path, "1"), models)
    shutil.rmtree(install(made(tmp_path, "2"), models).bundle.folder)
    with pytest.raises(CorruptError, match="the version in use of the model 'tiny' is missing"):
        in_use(models)
    assert rollback(models, "tiny").version == in_use(models).version == "1"


def test_there_must_be_something_to_go_back_to(tmp_path: Path, models: Path) -> None:
    with pytest.raises(NotFoundError, match="no model 'tiny'"):
        rollback(models, "tiny")
    make_bundle(models / "plain", name="plain")
    install(made(tmp_path, "1"), models)
    for name in ("plain", "tiny"):
        with pytest.raises(NotFoundError, match="no version of"):
            rollback(models, name)


def test_one_install_at_a_time(tmp_path: Path, models: Path) -> None:
    models.mkdir()
    with FileLock(models / ".install-lock"), pytest.raises(StorageError, match="another install is under way"):
        install(made(tmp_path, "1"), models)
    assert install(made(tmp_path, "1", content=b"x"), models).is_changed


def test_too_small_a_disk_is_seen_before_anything_is_written(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StorageError, match=r"needs \d+ bytes, but 1000 are free"):
        install(made(tmp_path, "1"), models)
    assert state(models) == {}


@pytest.mark.parametrize("name", ["open", "fsync", "replace", "rename", "mkdir"])
def test_a_refusing_disk_leaves_the_old_version(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each call of that name fails once, as on a full disk; the cleaning up after it works."""
    first, second = made(tmp_path, "1"), made(tmp_path, "2")
    for number in range(1, 40):
        place = models / str(number)
        install(first, place)
        before = state(place)
        if not fails(second, place, monkeypatch, name, number):
            assert in_use(place).version == "2"
            assert number > 1
            return
        # Flushing the folder after the switch is all that can fail and leave the new version in use.
        if name not in ("open", "fsync") or in_use(place).version == "1":
            assert state(place) == before
        assert install(second, place).version == in_use(place).version == "2"
        assert rollback(place, "tiny").version == "1"
    raise AssertionError("installing never came to its end")


def fails(archive: Path, models: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> bool:
    """Install with the call of that number failing; return whether there was such a call."""
    call, left = getattr(os, name), number

    def failing(*values: object, **named: object) -> object:
        nonlocal left
        # Making a folder that is there already may fail: nothing comes of it.
        if not str(values[0]).endswith(".install-lock") and (name != "mkdir" or not Path(str(values[0])).exists()):
            left -= 1
        if left == 0:
            raise OSError(28, "No space left on device")
        return call(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        try:
            install(archive, models)
        except StorageError:
            return True
    return False


def test_names_cannot_leave_the_models_folder(tmp_path: Path, models: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no archive"):
        install(tmp_path / "nothing", models)
    assert isinstance(install(made(tmp_path, "1"), models), Installed)
    assert sorted(path.name for path in models.iterdir()) == [".install-lock", "tiny"]


@pytest.mark.parametrize(
    ("scenario", "least_calls"), [("first", 15), ("over-plain", 15), ("third", 20), ("rollback", 5)]
)
def test_a_kill_anywhere_leaves_a_whole_version(tmp_path: Path, scenario: str, least_calls: int) -> None:
    for version in ("1", "2", "3", "4"):
        folder = make_bundle(tmp_path / "made" / version, version=version, content=version.encode() * 100)
        pack(folder, tmp_path / f"tiny-{version}.ondevice")
    shutil.copytree(tmp_path / "made" / "1", tmp_path / "plain")
    done = subprocess.run(
        [sys.executable, str(DRIVER), scenario, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= least_calls
