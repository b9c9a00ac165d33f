"""The drill: random words are added to a copy and worked with, and then looked for wherever they could lie readable."""

from __future__ import annotations

import gzip
import os
import secrets
import string
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ondevice.bundle.model_set import ModelFolder, ModelSet
from ondevice.errors import OndeviceError
from ondevice.passages import rows_of
from ondevice.personalizer.personalizer import Personalizer
from ondevice.privacy.at_rest.formats import HEAD_BYTES, format_of, is_model
from ondevice.privacy.at_rest.needles import Needles
from ondevice.privacy.at_rest.open_files import can_list, open_files
from ondevice.privacy.at_rest.places import Place, files_in
from ondevice.privacy.at_rest.reading import Budget, head_of
from ondevice.privacy.at_rest.remains import KEY, TEXT, VECTOR, counted
from ondevice.privacy.at_rest.spellings import encodings, spellings, vector_spellings
from ondevice.privacy.at_rest.user_words import UserWords
from ondevice.privacy.findings import Finding
from ondevice.privacy.subject import Copy, Subject
from ondevice.records import Draft
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import DATABASE_PURPOSE, KEYS_FILE
from ondevice.vault.secrets import AppKey

_HELD, _DELETED = "a file that the process holds open", " (deleted)"
_CANARY_CHARS = 20
_MOST_MODEL_BYTES = 1 << 30
_BUDGET_BYTES = 256 << 20
_CLOCK_NS = 2 * 10**9
"""File systems keep times more coarsely than the clock tells them."""
_REMEDY = (
    "find out what wrote it: the SDK wrote nothing readable in its own tests, so look at the app and its libraries"
)
_WHAT = {TEXT: "a canary's text", VECTOR: "a canary's vector", KEY: "a key of the copy"}


@dataclass(kw_only=True)
class Drill:
    """What was done and seen.

    Attributes:
        stages: After which steps was looked.
        not_done: What the drill left out, one sentence each.
        findings: What was found, each place once.
        n_needles: How many spellings were looked for.
        budget: What was read.
    """

    stages: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    n_needles: int = 0
    budget: Budget = field(default_factory=lambda: Budget(n_bytes=_BUDGET_BYTES))


class _Lookout:
    """Looks for what was planted: in the copy's folder, in the places, in what the process holds open."""

    def __init__(self, drill: Drill, folder: Path, places: Sequence[Place], scratch: Path, words: UserWords) -> None:
        self._drill, self._folder, self._scratch, self._words = drill, folder, scratch, words
        self._places = places
        self._since_ns = time.time_ns() - _CLOCK_NS
        self._expected: dict[str, list[bytes]] = {}
        self._needles = Needles({})
        self._seen = {path: _state(path) for path in folder.rglob("*")}

    def expect(self, kind: str, strings: Sequence[bytes]) -> None:
        """Look for these from now on."""
        self._expected.setdefault(kind, []).extend(strings)
        self._needles = Needles(self._expected)
        self._drill.n_needles = len(self._needles)

    def look(self, stage: str) -> None:
        """Look everywhere at what has changed since the beginning."""
        self._drill.stages.append(stage)
        for path in sorted(self._folder.rglob("*")):
            if self._seen.get(path) != _state(path):
                self._look_at(path, f"the copy's folder: {self._words.shown(str(path.relative_to(self._folder)))}")
        for file in files_in(self._places, without=[self._scratch.parent]):
            if file.changed_ns >= self._since_ns and self._seen.get(file.path) != _state(file.path):
                where = f"{file.place.name}: {self._words.shown(file.within)}"
                self._look_at(file.path, where)
                if file.is_own and is_model(format_of(head_of(file.path, HEAD_BYTES) or b"")):
                    self._tell_model(where)
        if can_list():
            for name, data in open_files():
                self._tell(_HELD, self._needles.found_in(data))
                if name.endswith(_DELETED) and is_model(format_of(data[:HEAD_BYTES])):
                    self._tell_model(_HELD)

    def is_watching(self, word: str) -> bool:
        """Say whether a planted word is found when it lies in a file in any spelling, plain or packed: the control."""
        control, seen = self._folder / "control", []
        for spelling in spellings(word):
            for data in (b"before " + spelling + b" after", gzip.compress(spelling)):
                control.write_bytes(data)
                seen.append(counted(control, Budget(n_bytes=_BUDGET_BYTES), self._needles)[TEXT])
        control.unlink()
        return all(seen)

    def _look_at(self, path: Path, where: str) -> None:
        self._seen[path] = _state(path)
        if path.is_file() and not path.is_symlink():
            self._tell(where, counted(path, self._drill.budget, self._needles))

    def _tell(self, where: str, counts: Counter[str]) -> None:
        for kind in counts:
            self._add(f"at-rest/canary-{kind}", where, f"{_WHAT[kind]} could be read in {where}, {self._when}")

    def _tell_model(self, where: str) -> None:
        text = f"a model, an adapter or an array lay readable in {where} while the copy was worked with, {self._when}"
        self._add("at-rest/canary-model", where, text)

    def _add(self, code: str, where: str, text: str) -> None:
        finding = Finding(code=code, level="high", text=text, hint=_REMEDY)
        self._drill.findings.setdefault((code, where), finding)

    @property
    def _when(self) -> str:
        return f"after the step {self._drill.stages[-1]!r}"


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is written."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def run_drill(
    subject: Subject, copy: Copy, places: Sequence[Place], words: UserWords, on_step: Callable[[], None]
) -> Drill:
    """Add, search, update, answer and forget on a copy, and look around after each step and once it is closed.

    Args:
        subject: Whose models serve the copy.
        copy: Where it is done.
        places: Where else to look.
        words: The user's, which no name may show.
        on_step: Told when a step is done.

    Raises:
        OndeviceError: If the copy cannot be opened or worked with at all.
    """
    drill = Drill()
    lookout = _Lookout(drill, copy.path.parent, places, subject.scratch, words)
    lookout.expect(KEY, key_spellings(copy))
    canaries = [_canary() for _ in range(5)]
    lookout.expect(TEXT, [spelling for canary in canaries for spelling in spellings(canary)])
    if not lookout.is_watching(canaries[0]):
        text = (
            "a canary that lay in a file was not found, so nothing that the drill did not find is known not to be there"
        )
        drill.findings["", ""] = Finding(code="at-rest/control-not-found", level="medium", text=text)
    models = _usable(subject, drill)
    for stage in _work(copy, models, canaries, lookout, drill):
        lookout.look(stage)
        on_step()
    lookout.look("closed")
    if not can_list():
        drill.not_done.append("files that the process holds open and that have no name: not seen on this system")
    return drill


def key_spellings(copy: Copy) -> list[bytes]:
    """Return a copy's own key, the profile key and the database's, in binary and encoded."""
    profile_key: ProfileKey = KeyFile.load(copy.path / KEYS_FILE).unlock(AppKey(copy.key))
    try:
        keys = (copy.key, profile_key.reveal(), profile_key.derive(DATABASE_PURPOSE))
    finally:
        profile_key.wipe()
    return [spelling for key in keys for spelling in (key, *encodings(key))]


def _canary() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_CANARY_CHARS))


def _usable(subject: Subject, drill: Drill) -> ModelSet:
    """Return the models that are there and cheap enough; say what is left out."""
    models, folder = subject.models, ModelFolder(subject.models)
    encoder, generator = models.encoder, models.generator
    if encoder is not None:
        try:
            folder.bundle(encoder, "encoder")
        except (OndeviceError, ImportError):
            encoder = None
            drill.not_done.append("the drill made no vectors: the encoder cannot be used")
    else:
        drill.not_done.append("the drill made no vectors: no encoder was named")
    if generator is not None:
        try:
            n_bytes = sum(entry.bytes for entry in folder.bundle(generator, "generator").files.values())
        except (OndeviceError, ImportError):
            n_bytes = -1
        if not 0 <= n_bytes <= (_MOST_MODEL_BYTES if not subject.deep else n_bytes):
            generator = None
            why = "cannot be used" if n_bytes < 0 else "is large; a deep audit asks it"
            drill.not_done.append(f"the drill asked for no answer: the language model {why}")
    elif models.generator is None:
        drill.not_done.append("the drill asked for no answer: no language model was named")
    return replace(models, encoder=encoder, generator=generator, retrievers=(), selector=None, persona=None)


def _work(copy: Copy, models: ModelSet, canaries: Sequence[str], lookout: _Lookout, drill: Drill) -> Iterator[str]:
    """Work with the copy, and name each step when it is done."""
    text, named, kept, asked, changed = canaries
    with ExitStack() as stack:
        me = stack.enter_context(Personalizer.over(copy.open(), models=models))
        report = me.add_many(
            [
                Draft(text=f"The word of the day is {text}.", fields={"title": named}, metadata={"place": kept}),
                Draft(text=f"A second item that tells of {text} and of {changed}."),
            ]
        )
        lookout.expect(VECTOR, list(_vectors(me, report.item_ids)))
        yield "added"
        is_dense = models.encoder is not None and _done(
            drill, "search by vectors", lambda: me.search(f"{text} {asked}", retriever="dense", k=3)
        )
        if not any(text in hit.item.text for hit in me.search(f"{text} {asked}", retriever="bm25", k=3)):
            drill.not_done.append("the search did not find the canary, so reading it back was not tried")
        yield "searched"
        me.items.update(report.item_ids[0], text=f"The word is now {changed}.")
        yield "updated"
        if models.generator is not None:
            retriever = "hybrid" if is_dense else "bm25"
            request = f"What is {text} {asked}?"
            _done(drill, "answer", lambda: me.generate(request, retriever=retriever, k=1, max_tokens=2))
            yield "answered"
        me.forget(report.item_ids)
        yield "forgotten"


def _done(drill: Drill, what: str, do: Callable[[], object]) -> bool:
    """Do something that a profile or its models may refuse; say whether it was done."""
    try:
        do()
    except (OndeviceError, ImportError) as error:
        drill.not_done.append(f"the drill made no {what}: {type(error).__name__}")
        return False
    return True


def _vectors(me: Personalizer, item_ids: Sequence[str]) -> Iterator[bytes]:
    rows = {me.vault.items.row_of(item_id) for item_id in item_ids}
    for encoder_id in me.vault.vectors.encoders():
        with suppress(OndeviceError):
            labels, matrix, _ = me.vault.vectors.passages(encoder_id)
            for row, vector in zip(rows_of(labels).tolist(), matrix, strict=True):
                if row in rows:
                    yield from vector_spellings(vector)
