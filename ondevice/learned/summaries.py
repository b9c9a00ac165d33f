"""A short profile of the user, kept sealed for the prompt, and gone with any item it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

from ondevice.arguments import checks_arguments
from ondevice.generation.generator import Generator
from ondevice.learned.attachment import Attachment
from ondevice.learned.shelf import Shelf
from ondevice.learned.watching import require_there
from ondevice.records import Filter

if TYPE_CHECKING:
    from ondevice.generation.prompts.summary import ProfileSummary, SummaryConfig
    from ondevice.vault.settings import Json
    from ondevice.vault.vault import Vault

SUMMARY = "summary"
"""The kind under which the vault keeps them."""

By = Literal["count", "model"]
Known = list["ProfileSummary"]


@checks_arguments
class Summaries:
    """What is known of the user as a whole, one text a task: ``me.summaries``.

    Source: Richardson et al. 2023, arXiv:2310.20081 (profile-augmented generation).
    """

    def __init__(self, vault: Vault, generator: Generator, attachment: Attachment) -> None:
        """Keep them in this vault, and tidy up what an interruption left."""
        self._vault = vault
        self._generator = generator
        self._attachment = attachment
        self._shelf = Shelf(
            vault, SUMMARY, noun="summary for the task", hint="make one: me.summaries.make(), or ondevice summary make"
        )

    def make(
        self,
        task: str = "chat",
        *,
        by: By = "count",
        filter: Filter | None = None,
        config: SummaryConfig | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> ProfileSummary | None:
        """Describe the user, and keep the text in place of the one for this task; ``None`` if cancelled.

        Args:
            task: What it is for: ``chat``, or one of LaMP's tasks.
            by: ``count`` says which labels the user picks and how the user writes, from all items, and is always
                true; ``model`` lets the language model write, from the newest items, and may be wrong.
            filter: Which items count.
            config: How long a written one gets, and from how much.
            cancel: Signal between tokens.

        Raises:
            GenerationError: If there is nothing to describe, or the model writes nothing of use.
            NotFoundError: If an item of it was forgotten meanwhile.
            ValueError: If there is no such task or way.
        """
        from ondevice.generation.prompts.summary import count_summary, write_summary

        if by not in get_args(By):
            raise ValueError(f"a summary is made by one of {', '.join(get_args(By))}, not {by!r}")
        items = self._vault.items.list(filter, limit=None)
        made: ProfileSummary | None
        origins: tuple[str, ...] = ()
        if by == "count":
            made = count_summary(items, task=task)
        else:
            before = self._attachment.item_ids()
            made = self._generator.with_engine(
                lambda engine: write_summary(
                    items, task=task, engine=engine, config=config, cancel=cancel, check=self._require_all_there
                )
            )
            # What the model writes comes from the items it was adapted to as well.
            origins = (*before, *self._attachment.item_ids())  # another adapter may have come into use meanwhile
        if made is None:
            return None
        with self._vault.changing:
            item_ids = tuple(dict.fromkeys((*made.item_ids, *origins)))
            note: dict[str, Json] = {"task": made.task, "made_by": made.made_by}
            self._shelf.keep(task.lower(), made.text.encode(), item_ids, note)
        return self.get(task)

    def get(self, task: str = "chat") -> ProfileSummary:
        """Return the summary for a task; its ``item_ids`` are all items that had a part in it.

        Raises:
            NotFoundError: If there is none, or it went with an item that was forgotten.
        """
        from ondevice.generation.prompts.summary import ProfileSummary

        while True:
            kept = self._shelf.find(task.lower())
            if kept is None or not kept.is_there:
                raise self._shelf.unknown(task)
            # The items first: once one of them is forgotten, the text cannot be read.
            item_ids = self._shelf.item_ids(kept.name)
            text = self._shelf.read(kept.name).decode()
            if self._shelf.find(kept.name) == kept:  # not made anew meanwhile
                return ProfileSummary(
                    text=text, task=kept.note["task"], item_ids=item_ids, made_by=kept.note["made_by"]
                )

    def list(self) -> Known:
        """Return the summaries there are, by task."""
        return [self.get(kept.name) for kept in self._shelf.kept()]

    def drop(self, task: str = "chat") -> None:
        """Delete a summary.

        Raises:
            NotFoundError: If there is none for this task.
        """
        with self._vault.changing:
            if not self._shelf.drop(task.lower()):
                raise self._shelf.unknown(task)

    def _require_all_there(self, item_ids: Sequence[str]) -> None:
        require_there(self._vault, item_ids, why="were forgotten while the summary was written", hint="make it again")
