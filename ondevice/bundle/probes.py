"""Probes: a few neutral inputs with what the model made of them where it was converted, kept in the bundle.

A device runs them before it uses a bundle. An int8 graph can be right on one class of CPU and wrong on another; a probe
that comes out otherwise shows that before any of the user's data has been read by the model.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ondevice.bundle.folder import Bundle
from ondevice.bundle.manifest import FileEntry
from ondevice.bundle.sections import Section, parse_json
from ondevice.bundle.specs import Kind, refuse
from ondevice.errors import StorageError
from ondevice.safety.regular_files import read_regular

PROBES_ROLE, PROBES_NAME = "probes", "probes.json"
MAX_PROBES_BYTES = 4 << 20

_FORMAT = 1

Vector = tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderProbes:
    """Passages, and the unit vectors they must come near to.

    Args:
        texts: Encoded as passages.
        vectors: One for each text.
        min_cosine: The least cosine between a text's vector here and there.
    """

    texts: tuple[str, ...]
    vectors: tuple[Vector, ...]
    min_cosine: float

    def __post_init__(self) -> None:
        """Refuse what probes nothing."""
        _check(self.texts, self.vectors, is_bound=-1 < self.min_cosine <= 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorProbes:
    """Pairs of texts, and the scores they must come near to.

    Args:
        pairs: Each scored by itself, in a batch of one.
        scores: One for each pair.
        tolerance: The largest difference of a score, in the score's own unit.
    """

    pairs: tuple[tuple[str, str], ...]
    scores: Vector
    tolerance: float

    def __post_init__(self) -> None:
        """Refuse what probes nothing."""
        _check(self.pairs, (self.scores,) if self.scores else (), n=len(self.scores), is_bound=self.tolerance > 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectorProbes:
    """Vectors, and those they must be mapped near to; those of a persona are of its projector.

    Args:
        vectors: What goes in.
        projected: One for each vector.
        min_cosine: The least cosine between a vector's image here and there.
    """

    vectors: tuple[Vector, ...]
    projected: tuple[Vector, ...]
    min_cosine: float

    def __post_init__(self) -> None:
        """Refuse what probes nothing."""
        _check(self.vectors, self.projected, is_bound=-1 < self.min_cosine <= 1)
        _check(self.projected, self.vectors, is_bound=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorProbes:
    """An answer, and how likely the model finds each token of it.

    Those of an adapter are measured with it at scale 1, on the first of its bases.

    Args:
        prompt: A rendered prompt, control tokens included.
        answer: What follows it.
        log_likelihood: ln p of each token of the answer (nats).
        tolerance: The largest mean absolute difference over the tokens (nats).
    """

    prompt: str
    answer: str
    log_likelihood: Vector
    tolerance: float

    def __post_init__(self) -> None:
        """Refuse what probes nothing."""
        if not self.answer:
            refuse("a probe has an empty answer")
        _check(("",), (self.log_likelihood,), is_bound=self.tolerance > 0)


Probes = EncoderProbes | SelectorProbes | ProjectorProbes | GeneratorProbes


def write_probes(folder: Path, probes: Probes) -> FileEntry:
    """Write ``folder / probes.json`` and return its entry, for the manifest's role ``probes``.

    Raises:
        StorageError: If the folder cannot be written.
    """
    data = json.dumps({"format": _FORMAT, **asdict(probes)}, ensure_ascii=False).encode() + b"\n"
    try:
        (folder / PROBES_NAME).write_bytes(data)
    except OSError as error:
        raise StorageError(f"the probes cannot be written: {error.strerror}") from None
    return FileEntry.measure(folder, PROBES_NAME)


def read_probes(bundle: Bundle) -> Probes | None:
    """Return a bundle's probes, or ``None`` where it has none.

    Raises:
        ManifestError: If a field is missing, unknown or ill-typed, or the file is too long.
        StorageError: If it cannot be read.
    """
    entry = bundle.files.get(PROBES_ROLE)
    if entry is None:
        return None
    if entry.bytes > MAX_PROBES_BYTES:
        refuse(f"its probes have {entry.bytes} bytes, and may have {MAX_PROBES_BYTES}")
    try:
        data = read_regular(bundle.file(PROBES_ROLE), limit_bytes=MAX_PROBES_BYTES)
    except OSError as error:
        raise StorageError(f"the probes of {bundle.name!r} cannot be read: {error.strerror}") from None
    return parse_probes(bundle.kind, data)


def parse_probes(kind: Kind, data: bytes) -> Probes:
    """Check the bytes of a ``probes.json``; raises as :func:`read_probes`."""
    section = Section(parse_json(data, "the probes"), "the probes")
    if section.take("format", int) != _FORMAT:
        refuse(f"its probes are of another format than {_FORMAT}")
    probes = _PARSERS[kind](section)
    section.end()
    return probes


def _encoder(section: Section) -> EncoderProbes:
    return EncoderProbes(
        texts=section.take_texts("texts"),
        vectors=_vectors(section, "vectors"),
        min_cosine=section.take_number("min_cosine"),
    )


def _selector(section: Section) -> SelectorProbes:
    pairs = section.take("pairs", list)
    if not all(type(pair) is list and [type(text) for text in pair] == [str, str] for pair in pairs):
        refuse("the field 'pairs' of the probes must hold pairs of texts only")
    return SelectorProbes(
        pairs=tuple((first, second) for first, second in pairs),
        scores=_vector(section.take("scores", list)),
        tolerance=section.take_number("tolerance"),
    )


def _projector(section: Section) -> ProjectorProbes:
    return ProjectorProbes(
        vectors=_vectors(section, "vectors"),
        projected=_vectors(section, "projected"),
        min_cosine=section.take_number("min_cosine"),
    )


def _generator(section: Section) -> GeneratorProbes:
    return GeneratorProbes(
        prompt=section.take("prompt", str),
        answer=section.take("answer", str),
        log_likelihood=_vector(section.take("log_likelihood", list)),
        tolerance=section.take_number("tolerance"),
    )


_PARSERS: Mapping[Kind, Callable[[Section], Probes]] = {
    "encoder": _encoder,
    "selector": _selector,
    "projector": _projector,
    "generator": _generator,
    "adapter": _generator,
    "persona": _projector,
}


def _vectors(section: Section, name: str) -> tuple[Vector, ...]:
    return tuple(_vector(row) for row in section.take(name, list))


def _vector(row: object) -> Vector:
    if not isinstance(row, list) or not all(type(number) in (int, float) and abs(number) < 1e30 for number in row):
        refuse("a vector of the probes must be a list of numbers")
    return tuple(float(number) for number in row)


def _check(inputs: tuple[object, ...], rows: tuple[Vector, ...], *, is_bound: bool, n: int | None = None) -> None:
    n_rows = len(rows) if n is None else n
    if not inputs or len(inputs) != n_rows:
        refuse(f"its probes have {len(inputs)} inputs and {n_rows} results")
    if len({len(row) for row in rows}) != 1 or not all(row and all(map(math.isfinite, row)) for row in rows):
        refuse("the vectors of its probes must be of one length, with finite numbers")
    if not is_bound:
        refuse("its probes have a bound that nothing or everything fits")
