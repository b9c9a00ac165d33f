"""Which Python runs this, and until when its makers mend it."""

from __future__ import annotations

import sys
from datetime import date

# A version appears each October (3.9 in 2020), and gets security fixes until the October five years later.
_FIRST_YEAR, _YEARS, _MONTH = 2011, 5, 10


def support_ends(minor: int) -> date:
    """Return the first day of the month in which Python 3.``minor`` gets its last security fix, as its makers plan."""
    return date(_FIRST_YEAR + minor + _YEARS, _MONTH, 1)


def python_version() -> str:
    """Return which Python this is: ``CPython 3.13.1``."""
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(sys.implementation.name, sys.implementation.name)
    return f"{name} {'.'.join(map(str, sys.version_info[:3]))}"
