"""What a licence asks for, as far as its words can be read: SPDX where it can be told, and whether it is copyleft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from ondevice.safety.printable import one_line

Standing = Literal["permissive", "weak copyleft", "copyleft", "unknown"]

_MAX_SHOWN = 60
_PERMISSIVE = frozenset(
    [
        "0bsd",
        "afl-3.0",
        "apache-2.0",
        "blessing",
        "bsd-2-clause",
        "bsd-3-clause",
        "bsd-3-clause-clear",
        "bsl-1.0",
        "bzip2-1.0.6",
        "cc-by-4.0",
        "cc0-1.0",
        "cnri-python",
        "hpnd",
        "isc",
        "libpng-2.0",
        "mit",
        "mit-0",
        "mit-cmu",
        "ms-pl",
        "ncsa",
        "psf-2.0",
        "python-2.0",
        "unlicense",
        "zlib",
    ]
)
"""SPDX ids, in lower case, of licences that ask for no more than notices."""
_WEAK = re.compile(r"(?<![A-Z])(LGPL|MPL|EPL|CDDL|CPL|MS-RL)(?![A-UW-Z])", re.IGNORECASE)
_STRONG = re.compile(r"(?<![A-Z])(A?GPL|SSPL|OSL|EUPL|CC-BY(-NC)?-SA|CECILL|RPL|ODbL)(?![A-UW-Z])", re.IGNORECASE)
# How licences are called where no SPDX expression is asked for: classifiers, and what people write. The BSD licences
# are one family: which one is meant, the classifier does not say.
_ALIASES = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "psf": "PSF-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "zlib/libpng license": "Zlib",
    "zero-clause bsd (0bsd)": "0BSD",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
}
_BETWEEN = re.compile(r"\s*(?:,|;|\band\b)\s*", re.IGNORECASE)
_FAMILIES = frozenset({"bsd", "bsd license", "public domain"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Licence:
    """A licence as it is stated.

    Args:
        stated: The words, on one line, cut short; empty where nothing is stated.
        spdx: The same as an SPDX expression, where it can be told.
        standing: What it asks for, as far as it is known here.
    """

    stated: str
    spdx: str | None
    standing: Standing

    @property
    def shown(self) -> str:
        """The SPDX expression, or else the words."""
        return self.spdx or self.stated or "not stated"


def licence_of(text: str) -> Licence:
    """Read what is stated as a licence: an SPDX expression, or a usual name of one."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    stated = one_line(text.strip().split("\n")[0])[:_MAX_SHOWN]
    words = text.strip()
    if words.lower() in _FAMILIES:
        return Licence(stated=stated, spdx=None, standing="permissive")
    try:
        spdx = canonicalize_license_expression(_ALIASES.get(words.lower(), words))
    except InvalidLicenseExpression:
        # A name that is no SPDX licence may still say that it is one of the kind, and so may several.
        return Licence(stated=stated, spdx=None, standing=_named(words) or _standing_of_several(words))
    return Licence(stated=stated, spdx=spdx, standing=_standing(spdx))


def licence_of_metadata(metadata: Message) -> Licence:
    """Read an installed distribution's: its SPDX expression, its licence field, or its classifiers."""
    stated = [metadata.get("License-Expression"), metadata.get("License"), _classified(metadata)]
    read = [licence_of(text) for text in stated if text and text.strip().upper() != "UNKNOWN"]
    known = [licence for licence in read if licence.standing != "unknown"]
    return (known or read or [licence_of("")])[0]


def _classified(metadata: Message) -> str:
    """Return the licences among the classifiers, of which all hold, as one expression or name."""
    rows: Sequence[str] = metadata.get_all("Classifier") or ()
    names = [row.rpartition(" :: ")[2] for row in rows if row.startswith("License :: ") and row.count(" :: ") > 0]
    names = [name for name in names if name != "OSI Approved"]
    if len(names) < 2:
        return "".join(names)
    return " AND ".join(_ALIASES.get(name.lower(), name) for name in names)


def _standing(expression: str) -> Standing:
    """Return the strictest of what must be kept, or of a free choice the mildest."""
    if " OR " in expression and "(" not in expression:
        return min((_standing(one) for one in expression.split(" OR ")), key=_STRICTNESS.index)
    names = re.sub(r"\sWITH\s\S+", "", expression).replace("(", " ").replace(")", " ").split()
    return max((_one(name) for name in names if name not in {"AND", "OR"}), key=_STRICTNESS.index, default="unknown")


def _standing_of_several(words: str) -> Standing:
    """Return what names with commas or "and" between them ask for together, where each of them is known."""
    names = _BETWEEN.split(words)
    if len(names) < 2 or len(words) > 2 * _MAX_SHOWN:
        return "unknown"
    return max((licence_of(name).standing for name in names), key=_STRICTNESS.index)


_STRICTNESS: tuple[Standing, ...] = ("permissive", "weak copyleft", "unknown", "copyleft")


def _one(name: str) -> Standing:
    return "permissive" if name.lower() in _PERMISSIVE else (_named(name) or "unknown")


def _named(words: str) -> Standing | None:
    """Return what a short name says by itself; a whole text of a licence quotes others and is not asked."""
    if len(words) > 2 * _MAX_SHOWN:
        return None
    if _WEAK.search(words):
        return "weak copyleft"
    return "copyleft" if _STRONG.search(words) else None
