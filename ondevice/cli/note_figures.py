"""How well known models answer from notes, for who chooses one: figures of ``ondevice eval notes``, by their bytes.

They are of invented people with the default retriever; the kept reports and ``docs/reference/models.md`` have the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from ondevice.bundle import Bundle
from ondevice.bundle.specs import READER_ROLE


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteFigures:
    """Parts of questions, 0 to 1.

    Args:
        right: Of those that a note answers, the part that is answered rightly.
        refused: Of those that no note answers, the part that is refused.
    """

    right: float
    refused: float


DEFAULT = "7c68177018afccad39d0a1b38dba52999d25ff604a81b52a42395309e1ae6785"
DEFAULT_READER = "6d6c2943f1ca4b23648772d112e69ad812683d56b9cd31f9d9e30a9314c97b36"
HALF = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
ONE_AND_HALF = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
FIGURES = {
    (DEFAULT, DEFAULT_READER): NoteFigures(right=0.70, refused=0.86),
    (DEFAULT, None): NoteFigures(right=0.22, refused=0.0),
    (HALF, None): NoteFigures(right=0.51, refused=0.0),
    (ONE_AND_HALF, None): NoteFigures(right=0.70, refused=0.18),
}
"""By the SHA-256 of the model and of its reader."""


def figures_of(bundle: Bundle) -> NoteFigures | None:
    """Return what was measured of a generator, or nothing where it was not."""
    model, reader = (bundle.files.get(role) for role in ("model", READER_ROLE))
    if model is None:
        return None
    return FIGURES.get((model.sha256, None if reader is None else reader.sha256))
