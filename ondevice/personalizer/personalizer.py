"""One user's open profile with the models that read and answer from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, Unpack

from ondevice.arguments import checks_arguments, require_known
from ondevice.config import KdfConfig
from ondevice.generation.answer_stream import Stream
from ondevice.generation.label_prior import mean_scores
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.texts import labels_of, texts_of
from ondevice.learned.adapters import Adapters
from ondevice.learned.attachment import Attachment
from ondevice.learned.inventory import Inventory, take_inventory
from ondevice.learned.merged import Merged
from ondevice.learned.persona import Persona
from ondevice.learned.planner import Planner
from ondevice.learned.summaries import Summaries
from ondevice.personalizer.chooser import Chooser
from ondevice.personalizer.counting import take_stats
from ondevice.personalizer.equipment import Equipment, EquipmentOptions, ProfileOptions, equip
from ondevice.personalizer.forgetting import Forgetting
from ondevice.personalizer.former_names import former
from ondevice.personalizer.ingester import Ingester
from ondevice.personalizer.items import Items
from ondevice.personalizer.options import AnswerOptions, request_of
from ondevice.personalizer.reports import AddReport, Stats
from ondevice.personalizer.responder import Responder
from ondevice.records import Completion, Draft, Filter, Hit, Item, MetadataValue, Receipt, Scalar
from ondevice.retrieval.searcher import Searcher
from ondevice.safety.confined import Confined
from ondevice.signals import Progress, StrPath
from ondevice.vault.secrets import GivenSecrets, collect_secrets, one_secret
from ondevice.vault.vault import Vault

Hits: TypeAlias = list[Hit]

_NO_ARGUMENT = "there is no argument"


@checks_arguments
class Personalizer(Confined):
    """One user's profile with the models that read and answer from it.

    Reading methods may be called from many threads; writes wait for one another. Models load at first use.
    Use it as a context manager, or call :meth:`close`: the profile is locked for other processes until then.

    Attributes:
        items: The items one by one, and as files.
        adapters: The user's own adapters: train, use, drop.
        planner: How this user is answered best, and why.
        summaries: Short profiles of the user for the prompt.
        merged: Whole models with an adapter inside.
        persona: What the model is told of the user's whole history, without text.
        vault: The profile itself: key slots, a new key, backups, the event log, checks.
        generator: The language model, which loads at first use.
        encoders: The encoders and the selector, which load at first use.
    """

    def __init__(self, vault: Vault, equipment: Equipment) -> None:
        """Compose an open vault with its models; apps call :meth:`open`, :meth:`create` or :meth:`over`."""
        self.vault = vault
        self.generator = generator = equipment.generator(vault.changing)
        self.encoders = encoders = equipment.encoders(vault.vectors.encoders)
        self._searcher = searcher = Searcher(vault, encoders, equipment.retrieval, equipment.index)
        self._ingester = Ingester(vault, encoders)
        self._attachment = attachment = Attachment(vault, generator)
        self._forgetting = Forgetting(vault, generator)
        self.items = Items(vault, encoders, self._ingester, self._forgetting)
        self.adapters = Adapters(vault, generator, encoders, equipment.weights(generator), attachment)
        self.summaries = Summaries(vault, generator, attachment)
        self.merged = Merged(vault, generator, attachment)
        self.planner = Planner(vault, generator, searcher, attachment)
        self._personas = personas = equipment.personas()
        self.persona = Persona(vault, generator, encoders, personas)
        chooser = Chooser(generator, encoders, searcher)
        self._responder = Responder(vault, generator, searcher, chooser, self.persona)
        vault.erasers.enlist(generator)
        vault.erasers.enlist(encoders)
        self._closing = threading.Lock()
        self._is_closed = False

    @classmethod
    def create(cls, path: StrPath, **options: Unpack[ProfileOptions]) -> Self:
        """Make a new profile at ``path`` and open it; every secret given gets a key slot of its own.

        Args:
            path: A folder that is not there yet.
            **options: See :class:`~ondevice.personalizer.equipment.ProfileOptions`.

        Raises:
            ValueError: If no secret is given, the retriever of ``retrieval`` needs an encoder and there is none, or
                a further encoder has the name of a built-in retriever.
            ProfileExistsError: If there is something at ``path``.
            StorageError: If the disk refuses.
        """
        require_known(options, ProfileOptions, _NO_ARGUMENT)
        secrets, equipment = collect_secrets(options), equip(options)
        return cls._over(Vault.create(Path(path), secrets, kdf=options.get("kdf") or KdfConfig()), equipment)

    @classmethod
    def open(
        cls,
        path: StrPath,
        *,
        create_missing: bool = True,
        accept_loss: bool = False,
        **options: Unpack[ProfileOptions],
    ) -> Self:
        """Open the profile at ``path`` with one secret, or make it there.

        Args:
            path: The profile's folder.
            create_missing: Make the profile where there is nothing yet (no folder, an empty one, or what an interrupted
                first start left), so that an app's first start is like every later one; false raises
                ``NotFoundError`` instead.
            accept_loss: Open a profile whose last changes were taken away by something else, without them.
            **options: As for :meth:`create`.

        Raises:
            ValueError: If not exactly one secret is given.
            NotFoundError: If there is no profile at ``path`` and none shall be made.
            ProfileExistsError: If there is something at ``path`` that is no profile.
            LockedError: If the secret is not the right one.
            ProfileBusyError: If another process has it open.
            CorruptError: If its files were changed, or changes that were kept have been taken away.
            VersionError: If a newer release wrote it.
        """
        require_known(options, ProfileOptions, _NO_ARGUMENT)
        secret, equipment = one_secret(options, "to open a profile"), equip(options)
        if create_missing and not accept_loss:
            vault = Vault.open_or_create(Path(path), secret, kdf=options.get("kdf") or KdfConfig())
        else:
            vault = Vault.open(Path(path), secret, accept_loss=accept_loss)
        return cls._over(vault, equipment)

    @classmethod
    def over(cls, vault: Vault, **options: Unpack[EquipmentOptions]) -> Self:
        """Take over an open vault, and close it in the end; the arguments are those of :meth:`create`."""
        try:
            require_known(options, EquipmentOptions, _NO_ARGUMENT)
            equipment = equip(options)
        except BaseException:
            vault.close()
            raise
        return cls._over(vault, equipment)

    @classmethod
    def _over(cls, vault: Vault, equipment: Equipment) -> Self:
        try:
            return cls(vault, equipment)
        except BaseException:
            vault.close()
            raise

    @staticmethod
    def restore(backup: StrPath, to: StrPath, **secret: Unpack[GivenSecrets]) -> None:
        """Verify a backup wholly, with one of its secrets, and put it at ``to``, where nothing may be.

        Raises:
            ValueError: If not exactly one secret is given.
            NotFoundError: If there is no backup.
            ProfileExistsError: If there is something at ``to``.
            LockedError: If the secret is not the right one.
            CorruptError: If a part of the backup was changed or lost; nothing is then put in place.
            StorageError: If the disk refuses.
        """
        require_known(secret, GivenSecrets, _NO_ARGUMENT)
        Vault.restore(Path(backup), Path(to), one_secret(secret, "of the backup's"))

    def add(
        self,
        text: str,
        *,
        kind: str = "note",
        fields: Mapping[str, Scalar] | None = None,
        time: datetime | None = None,
        metadata: Mapping[str, MetadataValue] | None = None,
        expires_at: datetime | None = None,
    ) -> Item:
        """Store one item and return it; saying the same again returns the item that is there."""
        draft = Draft(
            text=text, kind=kind, fields=fields or {}, time=time, metadata=metadata or {}, expires_at=expires_at
        )
        return self._ingester.add(draft)

    def add_many(self, drafts: Iterable[Draft], *, batch: int = 64, on_progress: Progress | None = None) -> AddReport:
        """Store many items, one transaction per batch; a crash loses at most the running batch.

        ``on_progress`` gets the drafts done and their total (0 where ``drafts`` has no length).
        """
        return self._ingester.add_many(drafts, batch=batch, on_progress=on_progress)

    def search(
        self, query: str, *, k: int | None = None, retriever: str | None = None, filter: Filter | None = None
    ) -> Hits:
        """Return the items that fit a query, best first.

        Raises:
            ValueError: If the retriever is unknown or needs an encoder that is not there.
            ModelMismatchError: If items lack vectors of its encoder: call ``me.items.reencode()``.
        """
        return self._searcher.search(query, k=k, retriever=retriever, filter=filter)

    def generate(self, request: str, **options: Unpack[AnswerOptions]) -> Completion:
        """Answer a request from the items that fit it.

        Args:
            request: What the user asks.
            **options: See :class:`~ondevice.personalizer.options.AnswerOptions`.

        Raises:
            TypeError: If there is no such option.
            ValueError: If options contradict each other, or the profile was opened without a selector, or a persona is
                asked for that does not know the task.
            BundleError: If fewer than two retrievers of the selector's pool can be had.
            ModelMismatchError: If items lack vectors of an encoder that is to search.
            ContextOverflowError: If the request alone does not fit the model's context.
            NotFoundError: If the summary is wanted and there is none.
            GenerationError: If the runtime fails.
        """
        return self._responder.generate(lambda: self.prepare(request, **options))

    def prepare(self, request: str, **options: Unpack[AnswerOptions]) -> Prepared:
        """Look up the items and build the prompt, but answer nothing yet: its ``prompt`` is what the model would read.

        :meth:`answer` takes the result; raises as :meth:`generate`.
        """
        asked = request_of(request, options, self._searcher, self.summaries)
        return self._responder.prepare(asked, options.get("selector"), k=options.get("k"), filter=options.get("filter"))

    def answer(self, prepared: Prepared, *, answer: Callable[[Prepared], Completion] | None = None) -> Completion:
        """Answer a prepared request; raises as :meth:`generate`.

        Where another thread forgets items meanwhile, the answer begins again, unless one of the prompt is among them.
        Rows of the user are made anew where an item of theirs has been forgotten since.

        Args:
            prepared: What :meth:`prepare` returned.
            answer: Answers each prompt in the model's place, for whoever keeps answers.

        Raises:
            NotFoundError: If an item in the prompt has been forgotten, or has expired, since it was prepared.
            ModelMismatchError: If it was prepared for a reader, and a merged model is in use since.
        """
        return self._responder.answer(prepared, answer or self._responder.answer_one)

    def stream(self, request: str, **options: Unpack[AnswerOptions]) -> Stream:
        """Answer in pieces: iterate over the result, then read its ``completion``; raises as :meth:`generate`.

        Labels and the selector ``rspg-post`` cannot stream, because they choose among answers that are complete.
        """
        for name, value in (("selector", "rspg-post"), ("labels", options.get("labels"))):
            if value is not None and options.get(name) == value:
                raise ValueError(f"{name}={value!r} chooses among complete answers, so it cannot stream: call generate")
        if options.get("on_unsupported") is None:
            options["on_unsupported"] = "answer"
        return self._responder.stream(lambda: self.prepare(request, **options))

    def label_prior(self, requests: Sequence[str], **options: Unpack[AnswerOptions]) -> dict[str, float]:
        """Measure what each label is worth whatever is asked: give it to :meth:`generate` as ``label_prior``.

        Args:
            requests: Requests like those to come, about many matters: their mean tells what the model likes anyway.
            **options: Those of the requests to come, the labels among them. Items stand in these prompts only where a
                retriever or a selector is named, and rows of the user behind them only with ``persona=True``.

        Returns:
            Each label's mean ln p over the requests (nats).

        Raises:
            TypeError, ValueError: As :meth:`generate`; or if there are no labels or no request, or a prior is given.
        """
        asked, told = texts_of(requests, "requests"), options.copy()
        labels = told.get("labels")
        if labels is None or told.get("label_prior") is not None:
            raise ValueError("a prior is measured of labels=, and without a label_prior of its own")
        told["labels"] = labels_of(labels)  # which may be read once only
        if told.get("selector") is None and told.get("retriever") is None:
            told["retriever"] = "none"
        if told.get("persona") is None:
            told["persona"] = False
        return mean_scores([self.generate(request, **told).label_scores for request in asked])

    def forget(self, selection: str | Sequence[str] | Filter, *, everything: bool = False) -> Receipt:
        """Erase items and everything derived from them, read the files back, and return a signed receipt.

        Args:
            selection: An id, several, or a filter.
            everything: Must be true for a filter that every item passes.

        Raises:
            NotFoundError: If an id is unknown; nothing is then erased.
            ValueError: If the filter lets everything pass and ``everything`` is not set.
            StorageError: If the disk refuses; what was begun is finished at the next open.
        """
        return self._forgetting.forget(selection, everything=everything)

    def prune(self, *, now: datetime | None = None) -> Receipt | None:
        """Forget the items that have expired; ``None`` if there were none."""
        return self._forgetting.prune(now=now)

    def stats(self, *, open_index: bool = False) -> Stats:
        """Count what the profile holds; ``open_index`` loads the vector index, to tell how it searches.

        Raises:
            ValueError: If the index is wanted and there is no encoder.
        """
        return take_stats(self.vault, self._searcher, open_index=open_index)

    def inventory(self) -> Inventory:
        """Return what the profile holds by kind, since when, and what was learned rests on what; no item's words."""
        return take_inventory(self.vault)

    def close(self) -> None:
        """Seal the indexes' snapshots, free the models and unlock the folder; calling again has no effect.

        The folder is unlocked even where something before that fails, which is then told.

        Raises:
            ValueError: If this thread is being told of the progress of a rekeying or an export.
            GenerationError: If this thread is inside an answer, as ``cancel`` is; the profile is then still open.
        """
        self.vault.database.require_unfrozen()
        self.generator.require_outside()
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        with ExitStack() as closing:  # each in turn, whatever becomes of those before it; the first failure is raised
            for part in (self.vault, self.encoders, self._personas, self.generator, self._attachment, self._searcher):
                closing.callback(part.close)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Find what had this name before."""
            return former(self, name)

    def __enter__(self) -> Self:
        """Return the personalizer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Name the profile, never what it holds."""
        return f"{type(self).__name__}({self.vault.profile_id!r}{', closed' if self._is_closed else ''})"
