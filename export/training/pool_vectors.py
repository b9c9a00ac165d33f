"""The vectors of a pool's encoders: the initial one's, and for each trained one its own or, query-side, another's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from export.training.candidates import Vectors
from ondevice.bundle import Bundle
from ondevice.errors import ModelMismatchError
from ondevice.retrieval.encoding.encoder import Encoder


@contextmanager
def open_vectors(
    base: Path, trained: Mapping[str, Path], *, threads: int | None = None
) -> Iterator[dict[str, Vectors]]:
    """Open the encoders of a pool and give their vectors by retriever; ``dense`` is the initial encoder's.

    Args:
        base: The initial encoder's bundle.
        trained: Bundles of trained encoders by the name that the retriever goes by.
        threads: CPU threads of each; ``None`` takes the physical cores.

    Raises:
        BundleError: If a bundle cannot be used.
        ModelMismatchError: If a query-side encoder searches vectors that neither the initial encoder nor another of
            the trained ones makes.
    """
    with ExitStack() as stack:
        bundles = {"dense": Bundle.open(base, kind="encoder")}
        bundles |= {name: Bundle.open(folder, kind="encoder") for name, folder in trained.items()}
        opened = {name: stack.enter_context(Encoder.open(each, threads=threads)) for name, each in bundles.items()}
        by_id = {bundles[name].id: encoder for name, encoder in opened.items()}
        found = {}
        for name, bundle in bundles.items():
            wanted = None if bundle.encoder is None else bundle.encoder.passages
            if wanted is not None and wanted not in by_id:
                raise ModelMismatchError(
                    f"the encoder {name!r} searches the vectors of {wanted!r}, which is not among the pool's",
                    hint="name that encoder's bundle with --encoder",
                )
            found[name] = Vectors(opened[name], passages=None if wanted is None else by_id[wanted])
        yield found
