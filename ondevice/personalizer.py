"""The façade: one object that keeps a profile, searches it and answers from it. It composes the rooms below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ondevice.advising import Advisor
from ondevice.answering import Prepared, Request, Stream, grammar_of
from ondevice.config import (
    DEFAULT_ENCODER,
    DEFAULT_GENERATOR,
    EngineConfig,
    IndexConfig,
    KdfConfig,
    RetrievalConfig,
    Sampling,
)
from ondevice.equipment import Equipment, equip
from ondevice.keeping import StrPath
from ondevice.models import Models
from ondevice.records import Completion, Filter, SelectorMode
from ondevice.responding import Responder
from ondevice.selecting import Chooser, check_mode
from ondevice.unlocking import collect_secrets
from ondevice.vault.vault import Vault

if TYPE_CHECKING:
    from ondevice.bundle import PublisherKey
    from ondevice.generation.chat import Message
    from ondevice.generation.grammar import Grammar


class Personalizer(Advisor):
    """One user's profile with the models that read and answer from it.

    Reading methods may be called from many threads; writes wait for one another. Models load at first use.
    Use it as a context manager, or call :meth:`close`: the profile is locked for other processes until then.
    """

    def __init__(self, vault: Vault, models: Models, retrieval: RetrievalConfig, index: IndexConfig) -> None:
        """Compose an open vault with its models; apps call :meth:`open` or :meth:`create`."""
        super().__init__(vault, models, retrieval, index)
        self._responder = Responder(vault, models, self._searcher, Chooser(models, self._encoders, self._searcher))

    @classmethod
    def create(
        cls,
        path: StrPath,
        *,
        passphrase: str | None = None,
        recovery_code: str | None = None,
        app_key: bytes | None = None,
        keystore: bool = False,
        models: StrPath | None = None,
        encoder: str | None = DEFAULT_ENCODER,
        generator: str | None = DEFAULT_GENERATOR,
        adapter: str | None = None,
        retrieval: RetrievalConfig | None = None,
        index: IndexConfig | None = None,
        engine: EngineConfig | None = None,
        retrievers: Sequence[str] = (),
        selector: str | None = None,
        publishers: Sequence[PublisherKey] | None = None,
        kdf: KdfConfig | None = None,
    ) -> Self:
        """Make a new profile at ``path`` and open it; every secret given gets a key slot of its own.

        Args:
            path: A folder that is not there yet.
            passphrase: What the user types.
            recovery_code: A code from ``RecoveryCode.generate()``, shown to the user once.
            app_key: 32 random bytes that the app keeps.
            keystore: Let the operating system's keystore keep a random secret (extra ``keystore``).
            models: Folder of the model bundles; by default the platform's cache folder.
            encoder: Name of the encoder's bundle; ``None`` leaves ``dense`` and ``hybrid`` out.
            generator: Name of the language model's bundle; ``None`` only searches.
            adapter: Name of the bundle of an adapter (LoRA) for the language model.
            retrieval: Defaults of a search; without an encoder the default retriever is ``bm25``.
            index: When vectors are searched approximately.
            engine: How the language model is loaded.
            retrievers: Names of the bundles of further encoders; each is a retriever of its own name.
            selector: Name of the bundle of a selector, which chooses a retriever for each request that asks for it;
                the encoders of its pool are retrievers too, as far as they are in the folder.
            publishers: Every model must be signed by one of these publishers and lie in a folder of its own name;
                ``None`` asks for no signature.
            kdf: Cost of the passphrase's key.

        Raises:
            ValueError: If no secret is given, the retriever of ``retrieval`` needs an encoder and there is none, or
                a further encoder has the name of a built-in retriever.
            ProfileExistsError: If there is something at ``path``.
            StorageError: If the disk refuses.
        """
        secrets = collect_secrets(passphrase, recovery_code, app_key, keystore=keystore)
        equipment = equip(
            models=models,
            encoder=encoder,
            generator=generator,
            adapter=adapter,
            retrieval=retrieval,
            index=index,
            engine=engine,
            retrievers=retrievers,
            selector=selector,
            publishers=publishers,
        )
        vault = Vault.create(Path(path), secrets, kdf=kdf or KdfConfig())
        return cls._over(vault, equipment)

    @classmethod
    def open(
        cls,
        path: StrPath,
        *,
        passphrase: str | None = None,
        recovery_code: str | None = None,
        app_key: bytes | None = None,
        keystore: bool = False,
        models: StrPath | None = None,
        encoder: str | None = DEFAULT_ENCODER,
        generator: str | None = DEFAULT_GENERATOR,
        adapter: str | None = None,
        retrieval: RetrievalConfig | None = None,
        index: IndexConfig | None = None,
        engine: EngineConfig | None = None,
        retrievers: Sequence[str] = (),
        selector: str | None = None,
        publishers: Sequence[PublisherKey] | None = None,
        kdf: KdfConfig | None = None,
        create_missing: bool = True,
        accept_loss: bool = False,
    ) -> Self:
        """Open the profile at ``path`` with one secret, or make it there; the arguments are those of :meth:`create`.

        Args:
            path: The profile's folder.
            passphrase: What the user types.
            recovery_code: The recovery code.
            app_key: The app's 32 bytes.
            keystore: Ask the operating system's keystore.
            models: Folder of the model bundles.
            encoder: Name of the encoder's bundle, or ``None``.
            generator: Name of the language model's bundle, or ``None``.
            adapter: Name of an adapter's bundle, or ``None``.
            retrieval: Defaults of a search.
            index: When vectors are searched approximately.
            engine: How the language model is loaded.
            retrievers: Names of the bundles of further encoders.
            selector: Name of a selector's bundle, or ``None``.
            publishers: The publishers whose signatures the models must have; ``None`` asks for none.
            kdf: Cost of the passphrase's key, if the profile is made.
            create_missing: Make the profile where there is nothing yet (no folder, an empty one, or what an interrupted
                first start left), so that an app's first start is like every later one; false raises
                ``NotFoundError`` instead.
            accept_loss: Open a profile whose last changes were taken away by something else, without them.

        Raises:
            ValueError: If not exactly one secret is given.
            NotFoundError: If there is no profile at ``path`` and none shall be made.
            ProfileExistsError: If there is something at ``path`` that is no profile.
            LockedError: If the secret is not the right one.
            ProfileBusyError: If another process has it open.
            CorruptError: If its files were changed, or changes that were kept have been taken away.
            VersionError: If a newer release wrote it.
        """
        secrets = collect_secrets(passphrase, recovery_code, app_key, keystore=keystore)
        if len(secrets) != 1:
            raise ValueError(f"give exactly one secret to open a profile, not {len(secrets)}")
        equipment = equip(
            models=models,
            encoder=encoder,
            generator=generator,
            adapter=adapter,
            retrieval=retrieval,
            index=index,
            engine=engine,
            retrievers=retrievers,
            selector=selector,
            publishers=publishers,
        )
        if create_missing and not accept_loss:
            vault = Vault.open_or_create(Path(path), secrets[0], kdf=kdf or KdfConfig())
        else:
            vault = Vault.open(Path(path), secrets[0], accept_loss=accept_loss)
        return cls._over(vault, equipment)

    @classmethod
    def over(
        cls,
        vault: Vault,
        *,
        models: StrPath | None = None,
        encoder: str | None = DEFAULT_ENCODER,
        generator: str | None = DEFAULT_GENERATOR,
        adapter: str | None = None,
        retrieval: RetrievalConfig | None = None,
        index: IndexConfig | None = None,
        engine: EngineConfig | None = None,
        retrievers: Sequence[str] = (),
        selector: str | None = None,
        publishers: Sequence[PublisherKey] | None = None,
    ) -> Self:
        """Take over an open vault, and close it in the end; the arguments are those of :meth:`create`."""
        try:
            equipment = equip(
                models=models,
                encoder=encoder,
                generator=generator,
                adapter=adapter,
                retrieval=retrieval,
                index=index,
                engine=engine,
                retrievers=retrievers,
                selector=selector,
                publishers=publishers,
            )
        except BaseException:
            vault.close()
            raise
        return cls._over(vault, equipment)

    @classmethod
    def _over(cls, vault: Vault, equipment: Equipment) -> Self:
        try:
            return cls(vault, equipment.models, equipment.retrieval, equipment.index)
        except BaseException:
            vault.close()
            raise

    def generate(
        self,
        request: str,
        *,
        task: str = "chat",
        retriever: str | None = None,
        selector: SelectorMode | None = None,
        k: int | None = None,
        filter: Filter | None = None,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        json_schema: Mapping[str, Any] | None = None,
        grammar: Grammar | str | None = None,
        labels: Sequence[str] | None = None,
        summary: bool = False,
        cancel: Callable[[], bool] | None = None,
    ) -> Completion:
        """Answer a request from the items that fit it.

        Args:
            request: What the user asks.
            task: ``chat``, or one of LaMP's tasks (``LaMP_1`` … ``LaMP_7``), which bring their own prompt.
            retriever: How items are found; ``none`` answers without any.
            selector: Let the profile's selector choose the retriever: ``rspg-pre`` by the prompts, ``rspg-post`` by
                answers from several of them where the prompts do not settle it.
            k: Items to look for; those that do not fit the model's context are left out. By default the profile's
                number, or with a selector the one it was trained with.
            filter: Which items count.
            max_tokens: Longest answer.
            sampling: How tokens are chosen; greedy by default.
            stop: Texts that end the answer.
            json_schema: The answer is a JSON document of this schema.
            grammar: The answer follows this grammar (GBNF).
            labels: The answer is the likeliest of these; nothing is generated.
            summary: Put the user's summary for this task before the items; it must have been made.
            cancel: Asked before each token; true ends the answer.

        Raises:
            ValueError: If arguments contradict each other, or the profile was opened without a selector.
            BundleError: If fewer than two retrievers of the selector's pool can be had.
            ModelMismatchError: If items lack vectors of an encoder that is to search.
            ContextOverflowError: If the request alone does not fit the model's context.
            NotFoundError: If the summary is wanted and there is none.
            GenerationError: If the runtime fails.
        """
        return self._responder.generate(
            lambda: self.prepare(
                request,
                task=task,
                retriever=retriever,
                selector=selector,
                k=k,
                filter=filter,
                max_tokens=max_tokens,
                sampling=sampling,
                stop=stop,
                json_schema=json_schema,
                grammar=grammar,
                labels=labels,
                summary=summary,
                cancel=cancel,
            )
        )

    def prepare(
        self,
        request: str,
        *,
        task: str = "chat",
        retriever: str | None = None,
        selector: SelectorMode | None = None,
        k: int | None = None,
        filter: Filter | None = None,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        json_schema: Mapping[str, Any] | None = None,
        grammar: Grammar | str | None = None,
        labels: Sequence[str] | None = None,
        summary: bool = False,
        cancel: Callable[[], bool] | None = None,
    ) -> Prepared:
        """Look up the items and build the prompt, but answer nothing yet: its ``prompt`` is what the model would read.

        The arguments are those of :meth:`generate`; :meth:`answer` takes the result.
        """
        check_mode(selector, retriever)
        asked = Request(
            text=request,
            task=task,
            retriever=self._searcher.retriever_name(retriever),
            max_tokens=max_tokens,
            sampling=sampling or Sampling(),
            stop=stop,
            grammar=grammar_of(json_schema, grammar),
            labels=labels,
            cancel=cancel,
            **self._summary(task, wanted=summary),
        )
        return self._responder.prepare(asked, selector, k=k, filter=filter)

    def answer(self, prepared: Prepared, *, answer: Callable[[Prepared], Completion] | None = None) -> Completion:
        """Answer a prepared request; raises as :meth:`generate`.

        Where another thread forgets items meanwhile, the answer begins again, unless one of the prompt is among them.

        Args:
            prepared: What :meth:`prepare` returned.
            answer: Answers each prompt in the model's place, for whoever keeps answers.

        Raises:
            NotFoundError: If an item in the prompt has been forgotten, or has expired, since it was prepared.
        """
        return self._responder.answer(prepared, answer or self._answer)

    def stream(
        self,
        request: str,
        *,
        task: str = "chat",
        retriever: str | None = None,
        selector: SelectorMode | None = None,
        k: int | None = None,
        filter: Filter | None = None,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        stop: Sequence[str] = (),
        json_schema: Mapping[str, Any] | None = None,
        grammar: Grammar | str | None = None,
        summary: bool = False,
        cancel: Callable[[], bool] | None = None,
        earlier: Sequence[Message] = (),
    ) -> Stream:
        """Answer in pieces: iterate over the result, then read its ``completion``.

        The arguments are those of :meth:`generate`, and ``earlier``: the turns of a conversation so far, oldest first,
        of which the latest stay in the prompt while they fill at most half of it. The selector ``rspg-post`` cannot
        stream, because it chooses among answers that are complete.
        """
        check_mode(selector, retriever)
        if selector == "rspg-post":
            raise ValueError("'rspg-post' chooses among complete answers, so it cannot stream: call generate")
        asked = Request(
            text=request,
            task=task,
            retriever=self._searcher.retriever_name(retriever),
            max_tokens=max_tokens,
            sampling=sampling or Sampling(),
            stop=stop,
            grammar=grammar_of(json_schema, grammar),
            cancel=cancel,
            earlier=tuple(earlier),
            **self._summary(task, wanted=summary),
        )
        return self._responder.stream(self._responder.prepare(asked, selector, k=k, filter=filter))

    def _answer(self, prepared: Prepared) -> Completion:
        return self._responder.answer_one(prepared)

    def _summary(self, task: str, *, wanted: bool) -> dict[str, Any]:
        """Return what a request says of the user's summary."""
        if not wanted:
            return {}
        summary = self.summaries.get(task)
        return {"summary": summary.text, "summary_ids": summary.item_ids}
