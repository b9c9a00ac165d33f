"""What the language model is told of a user's whole history without text: a few rows behind the prompt.

Nothing is learned on the device and nothing is stored: the rows are computed for each request from the vectors that
the profile keeps of its items anyway, so that an item's part goes with the item. Which persona is used is the app's
choice, made anew at each opening, and no part of the profile: unlike an adapter, it holds nothing of the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, get_args

from ondevice.arguments import checks_arguments
from ondevice.config import PersonaWeights
from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prompts.prompt import query_for
from ondevice.learned.persona_notes import PersonaExplanation, PersonaShare, PersonaStatus
from ondevice.records import Filter
from ondevice.retrieval.dense import require_vectors, without_vectors
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.encoding.persona_models import PersonaModels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ondevice.bundle import PersonaSpec
    from ondevice.generation.request import Request
    from ondevice.retrieval.encoding.persona_model import PersonaRows
    from ondevice.vault.vault import Vault

    Rows: TypeAlias = NDArray[np.int64]


@checks_arguments
class Persona:
    """What the model is told of the user's whole history: ``me.persona``. Threads may use it at once.

    Source: Liu et al. 2024, arXiv:2409.11901 (Persona-Plug).
    """

    def __init__(self, vault: Vault, generator: Generator, encoders: Encoders, models: PersonaModels) -> None:
        """Take the one that the profile was opened with; nothing is loaded yet."""
        self._vault = vault
        self._generator = generator
        self._encoders = encoders
        self._models = models
        self._in_use: tuple[str | None, PersonaWeights] = (models.models.persona, "attention")

    def use(self, name: str | None, *, weights: PersonaWeights = "attention") -> None:
        """Answer with this persona, or with none, from the next request on; the next opening knows nothing of it.

        Args:
            name: A bundle in the models' folder, or ``None``.
            weights: How items are weighed: by the request, as it was trained; ``mean`` all alike, ``task`` not at all,
                which leaves the task's rows. The latter two are for comparison.

        Raises:
            NotFoundError: If there is no such bundle.
            BundleError: If it cannot be used.
            ModelMismatchError: If it was made for another language model, or for vectors of another encoder.
            ValueError: If there is no such way of weighing, or the profile was opened without a language model.
        """
        if weights not in get_args(PersonaWeights):
            raise ValueError(f"items are weighed by one of {', '.join(get_args(PersonaWeights))}, not {weights!r}")
        if name is not None:
            self._spec(name)
            self._models.model(name)
        self._in_use = name, weights

    def status(self) -> PersonaStatus:
        """Tell which persona is in use, and what it reads; raises as :meth:`use`."""
        name, weights = self._in_use
        if name is None:
            return PersonaStatus(in_use=None)
        spec = self._spec(name)
        return PersonaStatus(
            in_use=name,
            tasks=spec.tasks,
            n_rows=spec.n_task_rows + (0 if weights == "task" else spec.n_rows),
            n_items=0 if weights == "task" else min(spec.max_items, self._vault.items.count()),
            max_items=spec.max_items,
            weights=weights,
        )

    def explain(
        self, request: str, *, task: str = "chat", filter: Filter | None = None, k: int = 5
    ) -> PersonaExplanation:
        """Tell which items have the largest parts in a request's rows; the language model is not asked.

        Args:
            request: What the user asks.
            task: Its task.
            filter: Which items count.
            k: So many items are told, at most.

        Raises:
            ValueError: If no persona is in use, it does not know the task, or ``k`` is below 1.
            ModelMismatchError: If items lack vectors; otherwise as :meth:`use`.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        name, weights = self._in_use
        numbers, made = self._make(self._require(name, task), request, task, filter, weights)
        heaviest = sorted(zip(made.weights.tolist(), numbers.tolist(), strict=True), key=lambda pair: -pair[0])[:k]
        items = self._vault.items.get_rows([row for _, row in heaviest])
        return PersonaExplanation(
            task=task,
            shares=tuple(PersonaShare(item=items[row], weight=weight) for weight, row in heaviest if row in items),
            null=made.null,
            n_items=len(numbers),
        )

    def suffix(self, request: Request, filter: Filter | None) -> PersonaSuffix | None:
        """Return the rows of a request; ``None`` where it gets none.

        Raises:
            ValueError: If it asks for rows, and no persona is in use, or that does not know the task.
            ModelMismatchError: If items lack vectors; otherwise as :meth:`use`.
        """
        name, weights = self._in_use
        if request.persona is False or (request.persona is None and not self._knows(name, request.task)):
            return None
        return self._suffix(self._require(name, request.task), request, filter, weights)

    def is_whole(self, suffix: PersonaSuffix) -> bool:
        """Whether all items of some rows are there still, and have not expired."""
        return self._n_gone(suffix) == 0

    def require_whole(self, suffix: PersonaSuffix) -> None:
        """Refuse rows of which an item was forgotten, or has expired, since they were made.

        Raises:
            NotFoundError: Then.
        """
        n_gone = self._n_gone(suffix)
        if n_gone:
            raise NotFoundError(
                f"{n_gone} of {len(suffix.item_rows)} items of the persona were forgotten, or have expired, since its "
                "rows were made",
                hint="prepare the request again",
            )

    def remade(self, suffix: PersonaSuffix, request: Request) -> PersonaSuffix:
        """Return rows that are made as these were, of the items that are there now."""
        return self._suffix(suffix.persona, request, suffix.filter, suffix.weights)

    def _n_gone(self, suffix: PersonaSuffix) -> int:
        return len(suffix.item_rows) - self._vault.items.count_rows(suffix.item_rows)

    def _knows(self, name: str | None, task: str) -> bool:
        return name is not None and task in self._spec(name).tasks

    def _require(self, name: str | None, task: str) -> str:
        """Return the name of the persona in use, sure to know the task.

        Raises:
            ValueError: If none is in use, or it does not.
        """
        if name is None:
            raise ValueError("no persona is in use: name its bundle in ModelSet(persona=…), or me.persona.use(…)")
        tasks = self._spec(name).tasks
        if task not in tasks:
            raise ValueError(f"the persona {name!r} does not know the task {task!r}: it knows {', '.join(tasks)}")
        return name

    def _suffix(self, name: str, request: Request, filter: Filter | None, weights: PersonaWeights) -> PersonaSuffix:
        numbers, made = self._make(name, request.text, request.task, filter, weights)
        made.rows.flags.writeable = False  # whoever holds the prepared request gets the rows that were checked
        return PersonaSuffix(
            persona=name, rows=made.rows, item_rows=tuple(numbers.tolist()), filter=filter, weights=weights
        )

    def _make(
        self, name: str, text: str, task: str, filter: Filter | None, weights: PersonaWeights
    ) -> tuple[Rows, PersonaRows]:
        """Make a request's rows, and return the numbers of the items that have a part in them beside them."""
        spec = self._spec(name)
        numbers, vectors = self._newest(spec, 0 if weights == "task" else spec.max_items, filter)
        encoder = self._encoders.encoder(self._encoders.maker_of(spec.encoder))
        query = encoder.encode_queries([query_for(task, text)])[0]
        return numbers, self._models.model(name).rows(query, vectors, task, weights)

    def _newest(self, spec: PersonaSpec, limit: int, filter: Filter | None) -> tuple[Rows, NDArray[np.float32]]:
        """Return the numbers and vectors of the newest items, in the order in which they were added.

        That order does not depend on items that are gone, so that neither do the last bits of sums over it.
        """
        maker = self._encoders.maker_of(spec.encoder)
        name = "dense" if maker == self._encoders.base else maker
        require_vectors(self._vault, spec.encoder, name)
        numbers, vectors, n_missing = self._vault.vectors.newest(spec.encoder, limit, filter)
        if n_missing:
            raise without_vectors(self._vault, spec.encoder, n_missing, name)
        return numbers, vectors.reshape(-1, spec.n_in)

    def _spec(self, name: str) -> PersonaSpec:
        """Return what a bundle says of itself, once it is sure to fit the language model and an encoder."""
        bundle = self._models.bundle(name)
        spec = bundle.persona
        if spec is None:
            raise bundle.wrong_kind("persona")
        bundle.check_base(self._generator.bundle())
        encoder = self._encoders.bundle(self._encoders.maker_of(spec.encoder)).encoder
        if encoder is None or encoder.dim != spec.n_in:
            raise ModelMismatchError(
                f"the persona {name!r} takes vectors of {spec.n_in} numbers, and those of {spec.encoder!r} have others"
            )
        return spec
