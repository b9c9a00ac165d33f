"""A licence is read as it is stated, and what asks for more than a notice is told."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest

from ondevice.privacy.supply_chain.licences import licence_of, licence_of_metadata
from tests.ondevice.privacy.supply_chain.conftest import Look, codes
from tests.ondevice.privacy.supply_chain.fake_site import install


@pytest.mark.parametrize(
    ("text", "spdx", "standing"),
    [
        ("mit", "MIT", "permissive"),
        ("MIT License", "MIT", "permissive"),
        ("Apache License, Version 2.0", "Apache-2.0", "permissive"),
        ("BSD License", None, "permissive"),
        ("Apache-2.0 WITH LLVM-exception AND BSL-1.0", "Apache-2.0 WITH LLVM-exception AND BSL-1.0", "permissive"),
        ("MPL-2.0 AND MIT", "MPL-2.0 AND MIT", "weak copyleft"),
        ("MIT OR GPL-2.0-only", "MIT OR GPL-2.0-only", "permissive"),
        ("MIT AND GPL-2.0-only", "MIT AND GPL-2.0-only", "copyleft"),
        ("(MIT OR Apache-2.0) AND AGPL-3.0-only", "(MIT OR Apache-2.0) AND AGPL-3.0-only", "copyleft"),
        ("LGPL-3.0-or-later", "LGPL-3.0-or-later", "weak copyleft"),
        ("GPLv3", None, "copyleft"),
        ("LGPLv3+", None, "weak copyleft"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0", "unknown"),
        ("ask us", None, "unknown"),
        ("", None, "unknown"),
        ("MIT, BSD", None, "permissive"),
        ("MIT and GPLv3 parts, BSD", None, "copyleft"),
        ("MIT, my own", None, "unknown"),
    ],
)
def test_what_is_stated_is_read(text: str, spdx: str | None, standing: str) -> None:
    licence = licence_of(text)
    assert (licence.spdx, licence.standing) == (spdx, standing)


def test_a_whole_text_of_a_licence_is_cut_and_not_guessed_at() -> None:
    licence = licence_of("Copyright (c) by many\x1b[31m\n" + "This is not the GPL. " * 50)
    assert licence.standing == "unknown"
    assert licence.shown == "Copyright (c) by many\N{REPLACEMENT CHARACTER}[31m"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"License-Expression": "MIT", "License": "GPL"}, "MIT"),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: ISC License (ISCL)"}, "ISC"),
        ({"License": "Copyright (c) somebody", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"Classifier": "License :: OSI Approved"}, "not stated"),
        ({"License": "our terms"}, "our terms"),
        ({}, "not stated"),
    ],
)
def test_the_metadata_s_plainest_word_counts(fields: dict[str, str], shown: str) -> None:
    metadata = Message()
    for name, value in fields.items():
        metadata[name] = value
    assert licence_of_metadata(metadata).shown == shown


def test_two_classifiers_hold_both() -> None:
    metadata = Message()
    metadata["Classifier"] = "License :: OSI Approved :: MIT License"
    metadata["Classifier"] = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
    licence = licence_of_metadata(metadata)
    assert (licence.spdx, licence.standing) == ("MIT AND GPL-3.0-only", "copyleft")


@pytest.mark.parametrize(
    ("licence", "code"),
    [("GPL-3.0-only", "copyleft-licence"), ("MPL-2.0", "weak-copyleft-licence"), ("", "licence-unknown")],
)
def test_licences_that_ask_for_more_are_told(look: Look, site: Path, licence: str, code: str) -> None:
    install(site, "near", licence=licence)
    section = look()
    assert codes(section) == {code: "note"}
    assert f"near ({licence or 'not stated'})" in section.findings[0].text
