"""The projector: vectors of one space in, vectors of another out, as the bundle's manifest says."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, ProjectorSpec
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.encoding.graph_model import GraphModel
from ondevice.retrieval.encoding.session import Session


class Projector(GraphModel):
    """Maps vectors, such as Persona-Plug's from an encoder's space into a language model's (arXiv:2409.11901).

    Safe to use from several threads at once. Nothing is normalized: the length of a result is the module's own.
    """

    _noun = "projector"

    def __init__(self, *, bundle_id: str, spec: ProjectorSpec, session: Session) -> None:
        """Take the parts as they are; use :meth:`open`."""
        super().__init__(bundle_id, session)
        self.n_in = spec.n_in
        self.n_out = spec.n_out

    @classmethod
    def open(cls, bundle: Bundle, *, threads: int | None = None) -> Self:
        """Load the graph of a verified bundle. The caller closes.

        Args:
            bundle: A bundle of kind ``projector``; its id becomes the projector's.
            threads: CPU threads; ``None`` takes the physical cores.

        Raises:
            BundleError: If the graph cannot be used.
            ModelMismatchError: If it takes or gives vectors of other sizes than the manifest says.
        """
        if bundle.projector is None:
            raise bundle.wrong_kind("projector")
        return cls.of_graph(bundle, bundle.projector, threads=threads)

    @classmethod
    def of_graph(cls, bundle: Bundle, spec: ProjectorSpec, *, threads: int | None = None) -> Self:
        """Load a projector that is a part of a bundle of another kind; otherwise as :meth:`open`."""
        session = Session(bundle.file("model"), threads=threads)
        if len(session.inputs) != 1:
            raise BundleError(f"the graph of {bundle.name!r} has {len(session.inputs)} inputs, but a projector has one")
        projector = cls(bundle_id=bundle.id, spec=spec, session=session)
        zeros = np.zeros((2, projector.n_in), np.float32)
        try:
            session.run({session.inputs[0]: zeros})
        except BundleError:
            session.close()
            raise ModelMismatchError(
                f"the graph of {bundle.name!r} does not take vectors of {projector.n_in} numbers, as its manifest says"
            ) from None
        projector.project(zeros)  # another size of result shows now, not at the first vector
        return projector

    def project(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """Map vectors.

        Shapes: float[n, n_in] → float32[n, n_out].

        Raises:
            BundleError: If the graph fails or gives a number that is not finite.
            ModelMismatchError: If the graph gives vectors of another size than the manifest says.
            ValueError: If the vectors are not rows of ``n_in`` numbers.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.n_in:
            raise ValueError(f"vectors must have the shape [n, {self.n_in}], not {list(vectors.shape)}")
        if len(vectors) == 0:
            return np.empty((0, self.n_out), dtype=np.float32)
        out = self._session.run({self._session.inputs[0]: np.ascontiguousarray(vectors, dtype=np.float32)})
        if out.shape != (len(vectors), self.n_out):
            raise ModelMismatchError(
                f"the projector {self.id!r} gives an array of shape {list(out.shape)} for {len(vectors)} vectors, "
                f"its manifest says {self.n_out} numbers for each"
            )
        return self._finite(out)

    def __repr__(self) -> str:
        return f"Projector({self.id!r}, n_in={self.n_in}, n_out={self.n_out})"
