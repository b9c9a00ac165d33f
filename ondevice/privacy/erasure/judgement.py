"""What the counts of a state and of a drill mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ondevice.privacy.erasure.drill import N_FORGED, Drill
from ondevice.privacy.erasure.state import State
from ondevice.privacy.findings import Finding, Level

_REKEY = "replace the profile key: ondevice rekey writes every page anew"
_OPEN = "open the profile once with this release, which tidies up: ondevice stats"
_ANEW = "take the items over into a new profile (ondevice export, then ondevice import ondevice), and destroy this one"
_PRUNE = "forget what has expired: ondevice prune"
_DROP = "drop what was learned, and learn it anew"
_COPIES = "destroy the copies that should not hold what was forgotten since"
_REPORT = "tell whoever made this release: its erasure leaves something behind"
_CONTROL_SHARE = 0.5


class _Rule(NamedTuple):
    code: str
    level: Level
    n: int
    what: str
    hint: str


def findings_of_state(state: State, *, is_after_drill: bool = False) -> list[Finding]:
    """Return what is wrong with what lies in a profile, or in a copy after a drill."""
    rules = (*_of_bytes(state), *_of_rows(state), *_of_files(state))
    when = ", after items of a copy were forgotten" if is_after_drill else ""
    return [
        Finding(
            code=f"erasure/{rule.code}",
            level=rule.level,
            text=f"{rule.what}: {rule.n:d}{when}",
            hint=_REPORT if is_after_drill else rule.hint,
        )
        for rule in rules
        if rule.n
    ]


def findings_of_drill(drill: Drill) -> list[Finding]:
    """Return what a drill found wrong."""
    n_left, n_before, n_unique = drill.after.total(), drill.before.total(), drill.unique.total()
    places = ", ".join(sorted({place for _, place in drill.after}))
    kinds = ", ".join(sorted({kind for kind, _ in drill.after}))
    rules = (
        _Rule("drill-left", "high", n_left, f"pieces of forgotten items ({kinds}) are still in {places}", _REPORT),
        _Rule("drill-items", "high", drill.n_items_left, "forgotten items are still in the table of items", _REPORT),
        _Rule("drill-learned", "high", drill.n_learned_left, "things learned of forgotten items are there", _REPORT),
        _Rule("receipt-unverified", "high", not drill.is_verified, "receipts say that something was left", _REPORT),
        _Rule(
            "receipt-foreign",
            "high",
            not drill.is_genuine,
            "receipts are not signed with the profile's own key, or name other items than were forgotten",
            _REPORT,
        ),
        _Rule(
            "receipt-forged", "high", drill.n_forged_taken, f"of {N_FORGED} forged receipts taken for genuine", _REPORT
        ),
        _Rule(
            "drill-blind",
            "medium",
            n_before < _CONTROL_SHARE * sum(drill.unique[kind] for kind in ("text", "earlier text", "ids", "vectors")),
            f"scans found only {n_before} of {n_unique} things while they were there, so finding none proves little",
            _REPORT,
        ),
    )
    return [
        Finding(code=f"erasure/{rule.code}", level=rule.level, text=f"{rule.what}: {rule.n:d}", hint=rule.hint)
        for rule in rules
        if rule.n
    ]


def _of_bytes(state: State) -> Iterable[_Rule]:
    words = state.words
    yield _Rule("unused-text", "high", state.n_texts, "texts of no item lie in unused space", _REKEY)
    yield _Rule("unused-vector", "high", state.n_vectors, "pieces of no item's vector lie in unused space", _REKEY)
    # Texts and vectors are such bytes too.
    n_strange = 0 if state.n_texts or state.n_vectors else state.n_strange
    yield _Rule("unused-bytes", "medium", n_strange, "bytes that nobody knows lie in unused space", _REKEY)
    yield _Rule("log-text", "high", state.n_log_texts, "texts of no item lie in the write-ahead log", _OPEN)
    # Of what was forgotten a text would lie there too: these were replaced, by a process that did not end properly.
    n_replaced = 0 if state.n_log_texts else state.n_log_vectors
    yield _Rule("log-vector", "low", n_replaced, "vectors that were replaced lie in the write-ahead log", _OPEN)
    yield _Rule("search-words", "high", words.n_dead, "words of no item lie in the search index's pages", _ANEW)
    yield _Rule("search-keys", "high", words.n_dead_keys, "keys of the search index begin no item's word", _ANEW)
    yield _Rule("search-entries", "high", words.n_entries, "entries of the search index belong to no item", _ANEW)
    keeps = "search indexes are set to keep the words of deleted items"
    yield _Rule("search-setting", "medium", not words.erases, keeps, _ANEW)


def _of_rows(state: State) -> Iterable[_Rule]:
    orphans = state.orphans
    n_learned = orphans.n_learned + orphans.n_unowned + state.blobs.n_gone_lessons
    learned = "learned things rest on items that are gone, or on nothing that is known"
    yield _Rule("vectors-without-item", "high", orphans.n_vectors, "vectors belong to no item", _ANEW)
    yield _Rule("versions-without-item", "high", orphans.n_versions, "earlier versions belong to no item", _ANEW)
    yield _Rule("learned-from-gone", "high", n_learned, learned, _DROP)
    yield _Rule(
        "learned-from-expired", "medium", orphans.n_learned_expired, "learned things rest on expired items", _PRUNE
    )
    yield _Rule("gone-ids", "low", orphans.n_gone_ids, "ids of no item stand in the notes of learned things", _DROP)
    asked = "words that no item has stand in the filters of learned things"
    yield _Rule("gone-words", "medium", orphans.n_gone_words, asked, _DROP)
    foreign = "tables, columns or triggers are there that no release makes, so that no erasure reaches them"
    yield _Rule("foreign-tables", "high", orphans.n_foreign_tables, foreign, _ANEW)
    yield _Rule("expired", "low", orphans.n_expired, "items have expired and still lie in the profile", _PRUNE)
    yield _Rule("unfinished", "medium", orphans.n_pending, "erasures began and did not end", _OPEN)
    yield _Rule(
        "copies-elsewhere", "note", state.backups, "backups or exports were made, which no erasure reaches", _COPIES
    )


def _of_files(state: State) -> Iterable[_Rule]:
    blobs = state.blobs
    in_snapshots = blobs.n_gone_rows + blobs.n_strange_vectors
    yield _Rule("index-snapshot", "high", in_snapshots, "rows or vectors of index snapshots are no item's", _REKEY)
    yield _Rule("index-traces", "medium", blobs.n_traced, "index snapshots show where erased vectors lay", _REKEY)
    yield _Rule("old-cache", "medium", blobs.n_old_caches, "caches are from before the last erasure", _REKEY)
    yield _Rule("loose-blob", "high", blobs.n_loose, "sealed files of learned things are in no table", _OPEN)
    yield _Rule("closed-blob", "medium", blobs.n_closed, "sealed files do not open: nobody knows what they hold", _OPEN)
