"""The persona: a user's item vectors in, rows for the language model out, as the bundle's manifest says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self, get_args

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, PersonaSpec, ProjectorSpec
from ondevice.config import PersonaWeights
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.persona_attention import attend, map_query, mixed, spread_evenly
from ondevice.retrieval.encoding.projector import Projector
from ondevice.safety.regular_files import read_regular


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PersonaRows:
    """What a language model reads behind a prompt, and what of it is whose.

    Args:
        rows: float32[task rows + user's rows, embedding size].
        weights: float64[n], each item's part in the user's rows.
        null: The part of nobody's rows.
    """

    rows: NDArray[np.float32] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    null: float


class PersonaModel:
    """Makes one user's rows for one request. Safe to use from several threads at once; whoever opens it closes it."""

    def __init__(
        self,
        *,
        spec: PersonaSpec,
        projector: Projector,
        task_rows: NDArray[np.float32],
        null_rows: NDArray[np.float32],
        query_map: NDArray[np.float32],
    ) -> None:
        """Take the parts as they are; use :meth:`open`."""
        self.id = projector.id
        self.spec = spec
        self.projector = projector
        self._task_rows = dict(zip(spec.tasks, task_rows, strict=True))
        self._null_rows = null_rows
        self._u, self._v = query_map

    @classmethod
    def open(cls, bundle: Bundle, *, threads: int | None = None) -> Self:
        """Load the projector and the rows of a verified bundle. The caller closes.

        Args:
            bundle: A bundle of kind ``persona``; its id becomes the persona's.
            threads: CPU threads; ``None`` takes the physical cores.

        Raises:
            BundleError: If the graph cannot be used, or a file has another size than the manifest says, or holds a
                number that is not finite.
            ModelMismatchError: If the graph takes or gives vectors of other sizes than the manifest says.
        """
        spec = bundle.persona
        if spec is None:
            raise bundle.wrong_kind("persona")
        if ("map" in bundle.files) != (spec.rank > 0):
            raise BundleError(
                f"the persona {bundle.name!r} has a map of rank {spec.rank}, and {'a' if spec.rank == 0 else 'no'} "
                "file 'map'"
            )
        n_of_tasks = len(spec.tasks) * spec.n_task_rows
        rows = _numbers(bundle, "rows", (n_of_tasks + spec.n_rows, spec.n_out))
        query_map = np.zeros((2, spec.n_in, 0), np.float32)
        if spec.rank:
            query_map = _numbers(bundle, "map", (2, spec.n_in, spec.rank))
        sizes = ProjectorSpec(n_in=spec.n_in, n_out=spec.n_rows * spec.n_out)
        return cls(
            spec=spec,
            projector=Projector.of_graph(bundle, sizes, threads=threads),
            task_rows=rows[:n_of_tasks].reshape(len(spec.tasks), spec.n_task_rows, spec.n_out),
            null_rows=rows[n_of_tasks:],
            query_map=query_map,
        )

    def rows(
        self,
        query: NDArray[np.float32],
        vectors: NDArray[np.float32],
        task: str,
        weights: PersonaWeights = "attention",
    ) -> PersonaRows:
        """Make the rows of a request: those of its task, then the user's.

        The same vectors in the same order give the same bits. Nothing of them is kept.

        Shapes: query float32[n_in]; vectors float32[n, n_in], of length 1 as the query is.

        Args:
            query: The request's vector, from the encoder of queries.
            vectors: The user's items; without any, the user's rows are nobody's.
            task: One that the bundle knows.
            weights: By the request, as it was trained; the others are for comparison.

        Raises:
            ValueError: If a shape is wrong, a number is not finite, or there is no such task or way of weighing.
            BundleError: If the graph fails or gives a number that is not finite.
        """
        spec = self.spec
        if task not in self._task_rows:
            raise ValueError(f"the persona {self.id!r} knows no task {task!r}: it learned {', '.join(spec.tasks)}")
        if weights not in get_args(PersonaWeights):
            raise ValueError(f"items are weighed by one of {', '.join(get_args(PersonaWeights))}, not {weights!r}")
        if query.shape != (spec.n_in,) or vectors.ndim != 2 or vectors.shape[1] != spec.n_in:
            raise ValueError(
                f"the query and the vectors must have {spec.n_in} numbers, not the shapes {list(query.shape)} and "
                f"{list(vectors.shape)}"
            )
        if not np.isfinite(query).all() or not np.isfinite(vectors).all():
            raise ValueError("a vector holds a number that is not finite")
        of_task = self._task_rows[task]
        if weights == "task":
            return PersonaRows(rows=of_task.copy(), weights=np.zeros(len(vectors)), null=0.0)
        if weights == "mean":
            parts, null = spread_evenly(len(vectors))
        else:
            looking = map_query(query, self._u, self._v)
            parts, null = attend(looking, vectors, temperature=spec.temperature, null_score=spec.null_score)
        projected = self.projector.project(vectors).reshape(len(vectors), spec.n_rows, spec.n_out)
        own = mixed(parts, null, projected, self._null_rows, gain=spec.gain)
        return PersonaRows(rows=np.concatenate([of_task, own]), weights=parts, null=null)

    def close(self) -> None:
        """Give the graph's memory back."""
        self.projector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"PersonaModel({self.id!r}, tasks={list(self.spec.tasks)})"


def _numbers(bundle: Bundle, role: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Read a raw file of numbers, which must be of this shape and finite."""
    n_bytes = 4 * int(np.prod(shape, dtype=object))
    if bundle.files[role].bytes != n_bytes:
        raise BundleError(
            f"the file {role!r} of the persona {bundle.name!r} has {bundle.files[role].bytes} bytes, but its manifest "
            f"says {n_bytes}"
        )
    try:
        data = read_regular(bundle.file(role), limit_bytes=n_bytes)
    except OSError as error:
        raise BundleError(f"the file {role!r} of {bundle.name!r} cannot be read: {error.strerror}") from None
    if len(data) != n_bytes:  # it was changed since it was verified
        raise BundleError(f"the file {role!r} of the persona {bundle.name!r} is not as it was verified")
    table = np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(table).all():
        raise BundleError(f"the file {role!r} of the persona {bundle.name!r} holds a number that is not finite")
    return table
