from __future__ import annotations

from pathlib import Path

import pytest

from export.publishing.licences import check_license, license_text, read_license
from ondevice.errors import InputError


@pytest.mark.parametrize("name", ["Apache-2.0", "MIT", "CC-BY-4.0", "MIT OR Apache-2.0", "LicenseRef-Acme-Weights-1"])
def test_known_identifiers_pass(name: str) -> None:
    assert check_license(name) == name


@pytest.mark.parametrize("name", ["", "apache", "Apache 2.0", "MIT, Apache-2.0", "LicenseRef-", "MIT WITH love"])
def test_others_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="no SPDX identifier"):
        check_license(name)


def test_the_right_spelling_is_in_the_hint() -> None:
    with pytest.raises(InputError) as caught:
        check_license("apache-2.0")
    assert caught.value.hint == "write Apache-2.0"


@pytest.mark.parametrize("name", ["LICENSE", "licence.txt", "LICENSE-MIT", "COPYING.md"])
def test_the_text_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbfDo as you like.\r\n")
    (tmp_path / "unlicensed.txt").write_text("no")
    assert license_text(tmp_path) == b"Do as you like.\n"


def test_no_text_is_none_and_two_are_a_question(tmp_path: Path) -> None:
    assert license_text(tmp_path) is None
    for name in ("LICENSE", "LICENSE.md"):
        (tmp_path / name).write_text("text")
    with pytest.raises(InputError, match=r"LICENSE, LICENSE\.md"):
        license_text(tmp_path)


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xfe", b"a\x00b", b"x" * ((1 << 20) + 1)])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "LICENSE").write_bytes(data)
    with pytest.raises(InputError):
        read_license(tmp_path / "LICENSE")
