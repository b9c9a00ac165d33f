"""Whole models with a user's adapter inside: made, kept sealed, loaded from memory, and gone with any item they saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from ondevice.errors import CorruptError, InputError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.learned.attachment import Attachment
from ondevice.learned.in_use import InUseSetting
from ondevice.learned.merged_notes import MERGED, MERGED_IN_USE, MergedInfo, MergedInUse
from ondevice.learned.shelf import Shelf, adapter_shelf
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.generation.llama.model_file import ModelFile
    from ondevice.vault.derived import Derived
    from ondevice.vault.settings import Json
    from ondevice.vault.vault import Vault

Infos = list[MergedInfo]

DEFAULT_NAME = "mine"

_REMEDY = "make it again on this one, open the profile with the other, or use no merged model"
_REPLACED = "another language model was put in its place"


class Merged:
    """The user's merged models: ``me.merged``.

    An adapter beside its base (``me.adapters``) is nearly always the better choice: it is a hundredth of the size and
    swapped at once. A merged model answers at the speed of the base; it takes as much of the disk as the base does, and
    changing to it or from it loads a whole model.
    """

    def __init__(self, vault: Vault, generator: Generator, attachment: Attachment) -> None:
        """Load what is in use in place of the base whenever that loads, and tidy up what an interruption left."""
        self._vault = vault
        self._generator = generator
        self._attachment = attachment
        self._shelf = Shelf(vault, MERGED, noun="merged model", made="made from", hint="make one: me.merged.make()")
        self._adapters = adapter_shelf(vault)
        self._in_use = InUseSetting(vault, MERGED_IN_USE, MergedInUse.from_json)
        with suppress(InputError):  # whoever asks what is in use is told; the profile opens all the same
            self._let_go()
        generator.replaced = self._replacement
        vault.erasers.enlist(self)

    def make(
        self,
        name: str = DEFAULT_NAME,
        *,
        scale: float = 1.0,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> MergedInfo:
        """Add an adapter to the language model's weights, and keep the sum sealed, in place of the one of that name.

        For some seconds it takes memory of three times the language model's size. One that is in use is loaded anew at
        the next answer.

        Args:
            name: The adapter.
            scale: How strongly it counts; 1 is as it was trained.
            on_progress: Told (tensors done, tensors in all).

        Raises:
            ImportError: If the extra ``adapt`` is not installed.
            NotFoundError: If there is no such adapter, or it was forgotten or trained anew meanwhile.
            ModelMismatchError: If it was trained on another language model, or that has a type that cannot be merged.
            CorruptError: If its bytes are damaged.
            StorageError: If the disk refuses; what was there before stays.
            ValueError: If the profile was opened without a language model, or the scale is 0 or not finite.
        """
        from ondevice.adaptation.lora.merging import merged_model

        base = self._generator.bundle()
        adapter = self._adapters.of_base(name, base, hint=_REMEDY)
        item_ids = self._adapters.item_ids(name)
        data = merged_model(base.file("model"), self._adapters.read(name), scale=scale, on_progress=on_progress)
        with self._vault.changing:
            if self._adapters.get(name) != adapter:
                raise NotFoundError(
                    f"the adapter {name!r} was changed while it was merged, and nothing of it is kept",
                    hint="merge it again",
                )
            note: dict[str, Json] = {
                "base": base.files["model"].sha256,
                "base_name": base.name,
                "scale": float(scale),
                "adapter_made_at": adapter.made_at.isoformat(),
            }
            self._shelf.keep(name, data, item_ids, note)
            self._vault.events.append("adapter-merged", adapter=name, items=len(item_ids))
        if self._is_in_use(name):
            self._generator.free()
        return next(info for info in self.list() if info.name == name)

    def use(self, name: str | None = DEFAULT_NAME, *, allow_plaintext_file: bool = False) -> None:
        """Answer with a merged model in place of the base, or with the base again, now and after the next opening.

        No adapter is used beside it. A language model that is loaded is freed, which ends the answers under way; the
        next one loads the other.

        Args:
            name: The merged model, or ``None``.
            allow_plaintext_file: On a system without files in memory (any but Linux), let the model lie readable in a
                temporary file of the user's own while it is loaded.

        Raises:
            NotFoundError: If there is none of that name.
            ModelMismatchError: If it was made from another language model.
            StorageError: If this system could load it only from a readable file, and that is not allowed.
            ValueError: If the profile was opened with an adapter's bundle, or without a language model.
        """
        if name is None:
            self._use_base()
            return
        from ondevice.generation.llama.model_file import check_loadable

        if self._generator.adapter_name is not None:
            raise ValueError(
                f"the profile was opened with the adapter {self._generator.adapter_name!r}, which was not made for a "
                "merged model: open it without"
            )
        self._generator.require_replaceable()
        base = self._generator.bundle()
        check_loadable(allow_plaintext_file=allow_plaintext_file)
        with self._generator.at_rest(_REPLACED):
            self._shelf.of_base(name, base, hint=_REMEDY)
            self._attachment.use_none()
            self._in_use.set(MergedInUse(name=name, allow_plaintext_file=allow_plaintext_file))
            self._generator.free()

    def in_use(self) -> MergedInUse | None:
        """Return which merged model answers in place of the base, or ``None``.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        return self._in_use.get()

    def list(self) -> Infos:
        """Return the profile's merged models, by name."""
        return [
            MergedInfo(
                name=kept.name,
                base_name=kept.note["base_name"],
                scale=kept.note["scale"],
                is_in_use=self._is_in_use(kept.name),
                is_current=self._is_current(kept),
                n_items=kept.n_items,
                n_bytes=kept.n_bytes,
                made_at=kept.made_at,
            )
            for kept in self._shelf.kept()
        ]

    def drop(self, name: str = DEFAULT_NAME) -> None:
        """Delete a merged model; if it is in use, the base answers again. The adapter stays.

        Raises:
            NotFoundError: If there is none of that name.
        """
        if not self._is_in_use(name):
            with self._vault.changing:
                if not self._is_in_use(name):
                    self._drop(name)
                    return
        with self._generator.at_rest(_REPLACED):  # between the two steps a loading would find what is in use gone
            self._drop(name)
            self._let_go()

    def _is_in_use(self, name: str) -> bool:
        chosen = self.in_use()
        return chosen is not None and chosen.name == name

    def _drop(self, name: str) -> None:
        if not self._shelf.drop(name):
            raise self._shelf.unknown(name)
        self._vault.events.append("merged-dropped", adapter=name)

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Take a merged model out of use and out of memory one of whose items has been forgotten."""
        self._shelf.drop_gone()
        is_freed = self._let_go()
        return ArtifactOutcome(
            kind=MERGED, name="in memory", outcome="cleared" if is_freed else "absent", count=int(is_freed)
        )

    def _use_base(self) -> bool:
        """Return whether a merged model was in memory."""
        with suppress(InputError):  # what cannot be read is put right here
            if self._in_use.get() is None:
                return False
        with self._generator.at_rest(_REPLACED):
            self._in_use.set(None)
            return self._generator.free()

    def _let_go(self) -> bool:
        """Use no merged model that the profile no longer keeps; return whether it was in memory."""
        chosen = self.in_use()
        if chosen is None or self._shelf.has(chosen.name):
            return False
        return self._use_base()

    def _is_current(self, kept: Derived) -> bool:
        """Say whether the adapter is still the one that was merged."""
        adapter = self._adapters.find(kept.name)
        return adapter is not None and adapter.is_there and adapter.made_at.isoformat() == kept.note["adapter_made_at"]

    @contextmanager
    def _replacement(self, base: Bundle) -> Iterator[ModelFile | None]:
        """Yield the file to load in place of the base's, if a merged model is in use."""
        chosen = self.in_use()
        if chosen is None:
            yield None
            return
        from ondevice.generation.llama.model_file import model_file

        self._shelf.of_base(chosen.name, base, hint=_REMEDY)
        with ExitStack() as stack:
            try:
                pieces = self._shelf.pieces(chosen.name)
                file = stack.enter_context(model_file(pieces, allow_plaintext_file=chosen.allow_plaintext_file))
            except CorruptError as error:
                raise CorruptError(error.message, hint="use no merged model, or make it again") from None
            yield file
