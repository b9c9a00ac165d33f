"""Packages that are not as they were installed are found: files changed, gone, added, or put before them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.ondevice.privacy.supply_chain.conftest import Look, codes
from tests.ondevice.privacy.supply_chain.fake_site import hash_of, install


@pytest.mark.parametrize("file", ["near/__init__.py", "near-1.0.dist-info/METADATA", "fastest.libs/libquick.so.1"])
def test_a_file_that_was_changed_is_found(look: Look, site: Path, file: str) -> None:
    assert codes(look()) == {}
    (site / file).write_bytes((site / file).read_bytes() + b"\n")
    (finding,) = look().findings
    assert (finding.code, finding.level) == ("supply-chain/package-changed", "medium")
    assert file in finding.text


def test_a_change_of_the_same_length_is_found(look: Look, site: Path) -> None:
    (site / "near" / "__init__.py").write_bytes(b"ANSWER = 43\n")
    assert codes(look()) == {"package-changed": "medium"}


def test_a_pipe_in_a_file_s_place_holds_nothing_up(look: Look, site: Path) -> None:
    (site / "near" / "__init__.py").unlink()
    (site / "near" / "__init__.py").mkdir()
    assert codes(look()) == {"package-changed": "medium"}


def test_a_path_that_no_system_takes_is_found(look: Look, site: Path) -> None:
    with (site / "near-1.0.dist-info" / "RECORD").open("a") as record:
        record.write(f"near/\0.py,{hash_of(b'')},0\n")
    assert codes(look()) == {"package-changed": "medium"}


def test_a_file_that_is_gone_is_found(look: Look, site: Path) -> None:
    (site / "near" / "__init__.py").unlink()
    assert codes(look()) == {"package-incomplete": "low"}


def test_a_command_that_lies_elsewhere_is_no_loss(look: Look, site: Path) -> None:
    with (site / "near-1.0.dist-info" / "RECORD").open("a") as record:
        record.write(f"../../bin/near,{hash_of(b'')},0\n")
    assert codes(look()) == {}


@pytest.mark.parametrize("digest", ["", hash_of(b"ANSWER = 42\n", "md5")])
def test_a_file_whose_hash_says_nothing_is_found(look: Look, site: Path, digest: str) -> None:
    record = site / "near-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace(hash_of(b"ANSWER = 42\n"), digest))
    assert codes(look()) == {"package-unhashed": "low"}


def test_other_strong_hashes_are_compared(look: Look, site: Path) -> None:
    record = site / "near-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text().replace(hash_of(b"ANSWER = 42\n"), hash_of(b"ANSWER = 42\n", "sha512")))
    assert codes(look()) == {}
    (site / "near" / "__init__.py").write_bytes(b"ANSWER = 43\n")
    assert codes(look()) == {"package-changed": "medium"}


@pytest.mark.parametrize("content", [None, "", "near/__init__.py\n", 'near,"'])
def test_a_record_that_cannot_be_used_is_told(look: Look, site: Path, content: str | None) -> None:
    record = site / "near-1.0.dist-info" / "RECORD"
    record.unlink()
    if content is not None:
        record.write_text(content)
    assert codes(look()) == {"no-record": "low"}


def test_files_that_no_installer_wrote_are_found(look: Look, site: Path) -> None:
    (site / "near" / "__pycache__").mkdir()
    (site / "near" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    assert codes(look()) == {}
    (site / "near" / "more.pyc").write_bytes(b"loaded like a source")
    assert codes(look()) == {"package-extended": "low"}


def test_a_folder_that_two_packages_share_is_no_addition(look: Look, site: Path) -> None:
    install(site, "stranger-too", files={"near/of_another.py": b"OTHER = 1\n"})
    assert codes(look()) == {}


@pytest.mark.parametrize(
    ("name", "content", "is_found"),
    [
        ("evil.pth", "import os; os.getcwd()\n", True),
        ("paths.pth", "/somewhere/else\n", False),
        ("sitecustomize.py", "ANSWER = 1\n", True),
        ("usercustomize.py", "ANSWER = 1\n", True),
    ],
)
def test_code_that_runs_at_each_start_is_found(look: Look, site: Path, name: str, content: str, is_found: bool) -> None:
    (site / name).write_text(content)
    assert codes(look()) == ({"startup-code": "low"} if is_found else {})


def test_startup_code_of_a_package_is_its_own(look: Look, site: Path) -> None:
    install(site, "starter", files={"starter.pth": b"import os\n"})
    assert codes(look()) == {}


@pytest.mark.parametrize("file", ["near.py", "near/__init__.py", "fastest/__init__.py", "ondevice_sdk/__init__.py"])
def test_code_that_comes_before_a_package_is_found(look: Look, tmp_path: Path, file: str) -> None:
    before = tmp_path / "before"
    (before / file).parent.mkdir(parents=True)
    assert codes(look(before=before)) == {}
    (before / file).write_text("ANSWER = 43\n")
    (finding,) = look(before=before).findings
    assert (finding.code, finding.level) == ("supply-chain/shadowed", "medium")
    assert file.split("/")[0].removesuffix(".py") in finding.text


def test_a_change_of_what_the_sdk_does_not_need_is_not_its_own(look: Look, site: Path) -> None:
    (site / "stranger" / "__init__.py").write_bytes(b"changed")
    assert codes(look()) == {}


def test_an_editable_folder_is_told(look: Look, site: Path) -> None:
    install(site, "near", origin={"url": "file:///home/somebody/near", "dir_info": {"editable": True}})
    section = look()
    assert codes(section) == {"editable": "note"}
    assert "somebody" not in repr(section)


def test_machine_code_is_listed_with_its_hash(look: Look) -> None:
    table = next(table for table in look().tables if table.title.startswith("Machine code"))
    digest = hashlib.sha256(b"\x7fELF quick").hexdigest()
    assert table.rows == (("fastest", "fastest.libs/libquick.so.1", 10, digest),)
