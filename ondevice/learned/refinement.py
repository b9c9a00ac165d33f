"""Searches that learn from the user's own past: the query is turned, items and their vectors stay as they are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.arguments import checks_arguments
from ondevice.errors import ModelMismatchError
from ondevice.generation.generator import Generator
from ondevice.learned.merged_notes import MERGED_IN_USE
from ondevice.learned.past_requests import PastRequests
from ondevice.learned.refinement_notes import RefinementReport, RefinementStatus
from ondevice.learned.shelf import Shelf
from ondevice.learned.watching import Alone
from ondevice.records import ArtifactOutcome, Filter
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.map_in_use import IN_USE, QUERIES, REFINEMENT, MapInUse
from ondevice.signals import Progress, Signal

if TYPE_CHECKING:
    from ondevice.retrieval.refining import Refined, RefiningConfig
    from ondevice.vault.settings import Json
    from ondevice.vault.vault import Vault

MAX_PAIRS = 24
MAX_CANDIDATES = 16


@checks_arguments
class Refinement:
    """What searches have learned from the user's past requests: ``me.refinement``.

    Source: Salemi et al. 2024, arXiv:2404.05970, in a form that leaves the encoder and the index as they are.
    """

    def __init__(self, vault: Vault, generator: Generator, encoders: Encoders, map_in_use: MapInUse) -> None:
        """Keep it in this vault, and tidy up what an interruption left."""
        self._vault = vault
        self._generator = generator
        self._encoders = encoders
        self._map = map_in_use
        self._shelf = Shelf(
            vault,
            REFINEMENT,
            noun="refinement of searches",
            hint="learn one: me.refinement.learn(), or ondevice refine learn",
        )
        self._alone = Alone("a refinement of this profile is being learned already")
        self._let_go()
        vault.erasers.enlist(self)

    def learn(
        self,
        *,
        task: str = "chat",
        filter: Filter | None = None,
        config: RefiningConfig | None = None,
        max_pairs: int = MAX_PAIRS,
        max_candidates: int = MAX_CANDIDATES,
        max_seconds: float | None = None,
        on_progress: Progress | None = None,
        cancel: Signal | None = None,
    ) -> RefinementReport | None:
        """Learn from the newest past requests which earlier items would have helped, and turn queries that way.

        The language model reads each request once for every candidate, ``max_pairs * max_candidates`` prompts at most;
        call it from a thread of yours. Only a map that gained on the newest requests is kept, in place of the one
        before, and used from then on wherever the retriever ``refined`` is asked for.

        Args:
            task: What the user's items are requests and answers of: ``chat``, or one of LaMP's tasks.
            filter: Which items count; all by default.
            config: How the map is learned.
            max_pairs: So many requests, the newest.
            max_candidates: So many earlier items for each, the nearest to the request.
            max_seconds: What has been asked by then is learned from.
            on_progress: Told (prompts read, prompts in all).
            cancel: Signal between prompts and between steps; true ends it and keeps nothing.

        Returns:
            What came of it; ``None`` if it was cancelled.

        Raises:
            AdaptationError: If there is too little to learn from, or the time is too short.
            ModelMismatchError: If items lack vectors of this encoder, or a merged model is in use.
            NotFoundError: If an item was forgotten meanwhile; nothing is kept.
            StorageError: If the disk refuses.
            ValueError: If there is no such task, a number is out of range, one is being learned already, or the
                profile was opened without an encoder or a language model.
        """
        from ondevice.retrieval.refining import learn_map

        if max_pairs < MIN_PAIRS or max_candidates < 2:
            raise ValueError(
                f"max_pairs must be {MIN_PAIRS} or more and max_candidates 2 or more, not {max_pairs} and "
                f"{max_candidates}"
            )
        started = time.monotonic()
        with self._alone.claimed():
            self._require_models()
            past = PastRequests(self._vault, self._generator, self._encoders)
            past.find(task, filter, max_pairs=max_pairs, max_candidates=max_candidates)
            deadline = None if max_seconds is None else started + max_seconds
            feedback = past.ask(deadline=deadline, on_progress=on_progress, cancel=cancel)
            if feedback is None:
                return None
            encoder_id = self._encoders.bundle().id
            refined = learn_map(feedback, encoder_id=encoder_id, config=config, cancel=cancel)
            if refined is None:
                return None
            report = _report(task, refined, past, n_asked=len(feedback), seconds=time.monotonic() - started)
            with self._vault.changing:
                past.require_all_there()
                if report.has_gained:
                    self._keep(refined, report, past.item_ids)
            return report

    def status(self) -> RefinementStatus:
        """Tell what there is, and whether searches may use it.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        kept = next(iter(self._shelf.kept()), None)
        if kept is None:
            return RefinementStatus(is_there=False)
        name = self._encoders.models.encoder
        return RefinementStatus(
            is_there=True,
            is_in_use=self._map.is_chosen,
            is_for_encoder=name is not None and kept.note["encoder"] == self._encoders.bundle().id,
            encoder_id=kept.note["encoder"],
            base_name=kept.note["base_name"],
            n_items=kept.n_items,
            n_bytes=kept.n_bytes,
            made_at=kept.made_at,
            report=RefinementReport.from_json(kept.note["report"]),
        )

    def use(self, wanted: bool = True) -> None:
        """Offer the retriever ``refined`` from now on, or with ``False`` no more; the map is kept.

        Raises:
            NotFoundError: If there is no map.
            ModelMismatchError: If it was learned for another encoder.
            CorruptError: If its bytes are damaged.
            ValueError: If the profile was opened without an encoder.
        """
        with self._vault.changing:
            if wanted:
                self._require_map()
                self._map.load()
            self._vault.settings.set(IN_USE, True if wanted else None)
            self._map.clear()

    def drop(self) -> None:
        """Delete the map.

        Raises:
            NotFoundError: If there is none.
        """
        with self._vault.changing:
            self._require_map()
            self._vault.settings.set(IN_USE, None)
            self._shelf.drop(QUERIES)
            self._vault.events.append("refinement-dropped")
            self._map.clear()

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Take the map out of use and out of memory if one of its items has been forgotten."""
        is_freed = self._let_go()
        return ArtifactOutcome(
            kind=REFINEMENT, name="in memory", outcome="cleared" if is_freed else "absent", count=int(is_freed)
        )

    def _let_go(self) -> bool:
        """Use no map that the profile no longer keeps; return whether it was in memory."""
        if self._map.is_there:
            return False
        if self._vault.settings.get(IN_USE) is not None:
            self._vault.settings.set(IN_USE, None)
        self._shelf.drop(QUERIES)
        return self._map.clear()

    def _require_map(self) -> None:
        if not self._map.is_there:
            raise self._shelf.unknown()

    def _require_models(self) -> None:
        if self._encoders.models.encoder is None:
            raise ValueError(
                "a refinement turns the queries' vectors, and the profile was opened with encoder=None: open it with "
                "an encoder"
            )
        if self._vault.settings.get(MERGED_IN_USE) is not None:
            raise ModelMismatchError(
                "a merged model is in use, which has seen the answers that it would be asked about",
                hint="use the base again first: me.merged.use(None), or ondevice merged use --none",
            )

    def _keep(self, refined: Refined, report: RefinementReport, item_ids: Sequence[str]) -> None:
        base = self._generator.bundle()
        note: dict[str, Json] = {
            "encoder": refined.map.encoder_id,
            "base": base.files["model"].sha256,
            "base_name": base.name,
            "report": report.to_json(),
        }
        self._shelf.keep(QUERIES, refined.map.to_bytes(), item_ids, note)
        self._vault.settings.set(IN_USE, True)
        self._vault.events.append("refinement-learned", items=len(item_ids))
        self._map.clear()


def _report(task: str, refined: Refined, past: PastRequests, *, n_asked: int, seconds: float) -> RefinementReport:
    return RefinementReport(
        task=task,
        n_pairs=refined.n_used,
        n_held_out=refined.n_held_out,
        n_dropped=n_asked - refined.n_used,
        n_prompts=past.n_prompts,
        loss_before=refined.loss_before,
        loss_after=refined.loss_after,
        reward_before=refined.reward_before,
        reward_after=refined.reward_after,
        n_steps=refined.n_steps,
        seconds=seconds,
        is_cut=past.is_cut,
    )
