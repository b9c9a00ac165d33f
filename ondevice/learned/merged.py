"""Whole models with a user's adapter inside: made, kept sealed, loaded from memory, and gone with any item they saw."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import EllipsisType
from typing import TYPE_CHECKING

from ondevice.errors import CorruptError, InputError, ModelMismatchError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_notes import ADAPTER
from ondevice.learned.attachment import Attachment
from ondevice.learned.merged_notes import MERGED, MERGED_IN_USE, MergedInfo, MergedInUse
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.generation.model_file import ModelFile
    from ondevice.vault.derived import Derived
    from ondevice.vault.settings import Json
    from ondevice.vault.vault import Vault

Infos = list[MergedInfo]

DEFAULT_NAME = "mine"

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
        self._choice: MergedInUse | EllipsisType | None = ...
        self._lock = threading.Lock()
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
        from ondevice.adaptation.merging import merged_model

        base = self._generator.bundle()
        adapter = self._fitting(ADAPTER, name, base)
        item_ids = self._vault.derived.item_ids(ADAPTER, name)
        data = merged_model(
            base.file("model"), self._vault.derived.read(ADAPTER, name), scale=scale, on_progress=on_progress
        )
        with self._vault.changing:
            if self._vault.derived.get(ADAPTER, name) != adapter:
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
            self._vault.derived.put(MERGED, name, data, item_ids=item_ids, note=note)
            self._vault.events.append("adapter-merged", adapter=name, items=len(item_ids))
        chosen = self.in_use()
        if chosen is not None and chosen.name == name:
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
        from ondevice.generation.model_file import check_loadable

        if self._generator.adapter_name is not None:
            raise ValueError(
                f"the profile was opened with the adapter {self._generator.adapter_name!r}, which was not made for a "
                "merged model: open it without"
            )
        self._generator.require_replaceable()
        base = self._generator.bundle()
        check_loadable(allow_plaintext_file=allow_plaintext_file)
        with self._generator.at_rest(_REPLACED):
            self._fitting(MERGED, name, base)
            self._attachment.use_none()
            self._note(MergedInUse(name=name, allow_plaintext_file=allow_plaintext_file))
            self._generator.free()

    def in_use(self) -> MergedInUse | None:
        """Return which merged model answers in place of the base, or ``None``.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        if isinstance(self._choice, EllipsisType):
            noted = self._vault.settings.get(MERGED_IN_USE)
            choice = None if noted is None else MergedInUse.from_json(noted)
            with self._lock:
                if isinstance(self._choice, EllipsisType):  # nobody has chosen meanwhile
                    self._choice = choice
                return self._choice
        return self._choice

    def list(self) -> Infos:
        """Return the profile's merged models, by name."""
        chosen = self.in_use()
        return [
            MergedInfo(
                name=kept.name,
                base_name=kept.note["base_name"],
                scale=kept.note["scale"],
                is_in_use=chosen is not None and chosen.name == kept.name,
                is_current=kept.note["adapter_made_at"] in self._adapters_made_at(kept.name),
                n_items=kept.n_items,
                n_bytes=kept.n_bytes,
                made_at=kept.made_at,
            )
            for kept in self._kept()
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
        if not self._vault.derived.drop(MERGED, name):
            raise _unknown(name)
        self._vault.events.append("merged-dropped", adapter=name)

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Take a merged model out of use and out of memory one of whose items has been forgotten."""
        for kept in self._vault.derived.list(MERGED):
            if not kept.is_there:
                self._vault.derived.drop(MERGED, kept.name)
        is_freed = self._let_go()
        return ArtifactOutcome(
            kind=MERGED, name="in memory", outcome="cleared" if is_freed else "absent", count=int(is_freed)
        )

    def _use_base(self) -> bool:
        """Return whether a merged model was in memory."""
        if self._choice is None:
            return False
        with self._generator.at_rest(_REPLACED):
            self._note(None)
            return self._generator.free()

    def _note(self, choice: MergedInUse | None) -> None:
        self._vault.settings.set(MERGED_IN_USE, None if choice is None else choice.to_json())
        with self._lock:
            self._choice = choice

    def _let_go(self) -> bool:
        """Use no merged model that the profile no longer keeps; return whether it was in memory."""
        chosen = self.in_use()
        if chosen is None or chosen.name in {kept.name for kept in self._kept()}:
            return False
        return self._use_base()

    def _kept(self) -> Sequence[Derived]:
        return [kept for kept in self._vault.derived.list(MERGED) if kept.is_there]

    def _adapters_made_at(self, name: str) -> set[str]:
        return {
            kept.made_at.isoformat()
            for kept in self._vault.derived.list(ADAPTER)
            if kept.name == name and kept.is_there
        }

    def _fitting(self, kind: str, name: str, base: Bundle) -> Derived:
        found = [kept for kept in self._vault.derived.list(kind) if kept.name == name and kept.is_there]
        if not found:
            raise (
                _unknown(name)
                if kind == MERGED
                else NotFoundError(f"there is no adapter {name!r} with weights to merge", hint="train it")
            )
        if found[0].note["base"] != base.files["model"].sha256:
            raise ModelMismatchError(
                f"the {'merged model' if kind == MERGED else kind} {name!r} was made from another language model than "
                f"{base.name!r}",
                hint="make it again on this one, open the profile with the other, or use no merged model",
            )
        return found[0]

    @contextmanager
    def _replacement(self, base: Bundle) -> Iterator[ModelFile | None]:
        """Yield the file to load in place of the base's, if a merged model is in use."""
        chosen = self.in_use()
        if chosen is None:
            yield None
            return
        from ondevice.generation.model_file import model_file

        self._fitting(MERGED, chosen.name, base)
        with ExitStack() as stack:
            try:
                pieces = self._vault.derived.pieces(MERGED, chosen.name)
                file = stack.enter_context(model_file(pieces, allow_plaintext_file=chosen.allow_plaintext_file))
            except CorruptError as error:
                raise CorruptError(error.message, hint="use no merged model, or make it again") from None
            yield file


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no merged model {name!r}", hint="make one: me.merged.make()")
