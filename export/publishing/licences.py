"""The licence of the weights: named as SPDX names it, its text beside the model where the model's folder has one."""

from __future__ import annotations

import re
from pathlib import Path

from ondevice.errors import InputError, StorageError
from ondevice.safety.regular_files import open_regular

_LISTED = """
    0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0
    CC-BY-2.0 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-3.0
    CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
    CDLA-Sharing-1.0 ECL-2.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later ISC
    LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MPL-2.0 MS-PL NCSA ODbL-1.0 ODC-By-1.0
    OFL-1.1 OSL-3.0 PDDL-1.0 PostgreSQL Python-2.0 Unlicense UPL-1.0 WTFPL Zlib
"""
KNOWN = frozenset(_LISTED.split())
"""The identifiers of the SPDX list under which models and their data are published."""

_OWN = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_TEXT_NAME = re.compile(r"(licen[cs]e|copying)([.-].*)?", re.IGNORECASE)
MAX_TEXT_BYTES = 1 << 20


def check_license(expression: str) -> str:
    """Return a licence expression that names known SPDX identifiers, or ``LicenseRef-…`` for a licence of its own.

    Several may be joined by AND or OR.

    Raises:
        InputError: If a part is neither; the hint names the right spelling where only the case differs.
    """
    for part in re.split(r" (?:AND|OR) ", expression):
        if part in KNOWN or _OWN.fullmatch(part):
            continue
        same = next((name for name in KNOWN if name.lower() == part.lower()), None)
        raise InputError(
            f"the licence {part!r} is no SPDX identifier known here",
            hint=f"write {same}" if same else "name one of the SPDX list, or LicenseRef-NAME for a licence of its own",
        )
    return expression


def license_text(folder: Path) -> bytes | None:
    """Return the text of a folder's one licence file (``LICENSE``, ``LICENCE.md``, ``COPYING`` …), if there is one.

    Raises:
        InputError: If there are several, or the file is no text of at most 1 MiB.
        StorageError: If the folder cannot be read.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and _TEXT_NAME.fullmatch(path.name))
        if len(found) > 1:
            names = ", ".join(path.name for path in found)
            raise InputError(f"there are several licence texts: {names}", hint="name one with --license-file")
        return read_license(found[0]) if found else None
    except OSError as error:
        raise StorageError(f"the folder {folder.name!r} cannot be read: {error.strerror}") from None


def read_license(path: Path) -> bytes:
    """Return a licence's text with Unix line ends.

    Raises:
        InputError: If the file is missing, empty, or no text of at most 1 MiB.
    """
    try:
        with open_regular(path) as file:
            data = file.read(MAX_TEXT_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"the licence text {path.name!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"the licence text {path.name!r} is not UTF-8") from None
    if len(data) > MAX_TEXT_BYTES or not text.strip() or "\x00" in text:
        raise InputError(f"the licence text {path.name!r} must be a text of 1 to {MAX_TEXT_BYTES} bytes")
    return text.replace("\r\n", "\n").encode()
