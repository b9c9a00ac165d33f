"""What the attacks found, as a section of the report: shares and counts, never a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ondevice.evaluation.intervals import Interval
from ondevice.privacy.findings import Fact, Finding, Plot, Section, Table, Value
from ondevice.privacy.inversion.attack import MIN_COSINE, Attacked
from ondevice.privacy.inversion.persona_rows import N_IN_HISTORY, PersonaAttacked, RowsRead
from ondevice.privacy.inversion.recovery import SIZE, Recovered
from ondevice.privacy.inversion.stored import MAX_ITEMS

NAME = "inversion"
TITLE = "Reading vectors back"
QUESTION = "How much of the user's text could somebody read from the stored vectors alone, if they had the key?"
LIMITS = (
    "a stronger attacker: networks trained to write a text from its vector and to correct it by encoding it again read "
    "more than single words, and of short texts nearly all (Morris et al. 2023, arXiv:2310.06816); what is measured "
    "here is the least that can be read, not the most",
    "an attacker who has other texts of this user, or who guesses a whole text: a guess is confirmed by encoding it",
    "words of fewer than three letters, word order, and texts in scripts without spaces",
    f"more than {MAX_ITEMS} items, drawn at random, for each encoder",
    f"small edits: a stored vector counts as another text's only below a cosine of {MIN_COSINE}",
    "vectors without the key: they are encrypted like the texts, which the check of the files at rest looks at",
)
"""What no run of this check looks at."""

_FOR_HISTORIES = 50
"""Guesses at the words of a whole history, which are many."""
_HINT = (
    "treat vectors like text: what protects them is the profile's encryption, so choose a good passphrase, "
    "and share no vectors with anybody"
)


def section(
    attacked: Sequence[Attacked], personas: Sequence[PersonaAttacked], not_attacked: Sequence[Finding], left: list[str]
) -> Section:
    """Put everything together.

    Args:
        attacked: For each encoder of which there are vectors enough.
        personas: For the persona in use, if any.
        not_attacked: What could not be looked at though it should be.
        left: What there was no reason to look at, one sentence each.
    """
    return Section(
        name=NAME,
        title=TITLE,
        question=QUESTION,
        findings=(
            *not_attacked,
            *(finding for each in attacked for finding in _of_vectors(each)),
            *(finding for each in personas for finding in _of_rows(each)),
        ),
        facts=(
            *(fact for each in attacked for fact in _facts(each)),
            *(fact for each in personas for fact in _facts_of_rows(each)),
        ),
        tables=(*(table for each in attacked for table in _tables(each)), *(_table_of_rows(each) for each in personas)),
        plots=tuple(_plot(each) for each in attacked),
        not_tested=(*left, *LIMITS),
    )


def at_size(recovered: Sequence[Recovered], n_guesses: int = SIZE) -> Recovered:
    """Return what so many guesses recovered."""
    return next(each for each in recovered if each.n_guesses == n_guesses)


def _of_vectors(found: Attacked) -> Iterator[Finding]:
    tried, own = at_size(found.tried), at_size(found.own)
    if not (tried.is_sound and own.is_sound):
        yield _weak(f"finds words of {found.encoder} in random vectors")
    elif own.is_above_chance:
        yield Finding(
            code=f"{NAME}/words-recovered",
            level="note",
            text=f"whoever has the key reads {_percent(own.own.value)} of an item's content words among {SIZE} guesses "
            f"from its vector of {found.encoder} alone, where chance gives {_percent(own.chance.value)}; the first "
            f"guess is right for {_percent(at_size(found.own, 1).precision)} of the items",
            hint=_HINT,
        )
    elif not tried.is_above_chance:
        yield _weak(f"cannot read invented texts' vectors of {found.encoder} either")
    if found.n_of_other_text:
        yield Finding(
            code=f"{NAME}/other-text",
            level="medium",
            text=f"{found.n_of_other_text} of {found.n_texts} stored vectors of {found.encoder} were not made of what "
            "their items say now, so that they may tell what an item said before, or something else",
            hint="write the items out, read them into a new profile, and destroy this one",
        )


def _of_rows(found: PersonaAttacked) -> Iterator[Finding]:
    words = at_size(found.own.words, _FOR_HISTORIES)
    if found.own.is_told:
        read = (
            f", and reads {_percent(words.own.value)} of the words of {N_IN_HISTORY} items among {_FOR_HISTORIES} "
            f"guesses, where chance gives {_percent(words.chance.value)}"
        )
        yield Finding(
            code=f"{NAME}/items-told",
            level="note",
            text=f"whoever sees the rows of {found.persona} tells an item that counts from one that does not in "
            f"{_percent(found.own.told.value)} of pairs, where chance gives 50 %"
            + (read if words.is_above_chance else ""),
            hint="treat rows like text; they stand in memory alone, so protect the process: protect_process()",
        )
    elif not found.tried.is_told:
        yield _weak(f"cannot read the rows of {found.persona} of invented histories either")


def _weak(what: str) -> Finding:
    return Finding(
        code=f"{NAME}/weak-instrument",
        level="note",
        text=f"the attack {what}, so what it reads of the user's items says nothing",
        hint="do not take a low share for protection",
    )


def _facts(found: Attacked) -> Iterator[Fact]:
    name, own, tried = found.encoder, at_size(found.own), at_size(found.tried)
    yield Fact(name=f"{name}: stored vectors", value=found.n_stored)
    yield Fact(name=f"{name}: vectors attacked", value=found.n_texts)
    yield Fact(name=f"{name}: items without a word to look for", value=found.n_wordless)
    yield Fact(name=f"{name}: words of its tokenizer that were guessed", value=found.n_tokenizer_words)
    yield Fact(name=f"{name}: the items' words that can be guessed", value=_share(found.n_guessable, found.n_words))
    yield Fact(name=f"{name}: words recovered by {SIZE} guesses", value=_rounded(own.own.value))
    yield Fact(name=f"{name}: the same by chance", value=_rounded(own.chance.value))
    yield Fact(name=f"{name}: the same of random vectors", value=_rounded(own.random.value))
    yield Fact(name=f"{name}: the same of invented texts", value=_rounded(tried.own.value))
    yield Fact(name=f"{name}: vectors of another text", value=found.n_of_other_text)


def _facts_of_rows(found: PersonaAttacked) -> Iterator[Fact]:
    yield Fact(name=f"{found.persona}: rows", value=found.n_rows)
    yield Fact(name=f"{found.persona}: histories of {N_IN_HISTORY} items attacked", value=found.own.n_histories)


def _tables(found: Attacked) -> Iterator[Table]:
    yield Table(
        title=f"{found.encoder}: share of an item's content words among the guesses",
        header=("guesses", "own vector", "95 % interval", "of them right", "other item's", "frequent words", "random"),
        rows=tuple(
            (
                each.n_guesses,
                _rounded(each.own.value),
                _ends(each.own),
                _rounded(each.precision),
                _rounded(each.other.value),
                _rounded(each.frequent.value),
                _rounded(each.random.value),
            )
            for each in found.own
        ),
    )
    forms = [
        ("32 bits, as stored", found.own),
        *((f"{n_bits} bit{'s' * (n_bits > 1)}", each) for n_bits, each in found.coarser),
    ]
    yield Table(
        title=f"{found.encoder}: the same for coarser vectors, {SIZE} guesses",
        header=("a number has", "recovered", "95 % interval"),
        rows=tuple((form, _rounded(at_size(each).own.value), _ends(at_size(each).own)) for form, each in forms),
    )
    if found.lengths:
        yield Table(
            title=f"{found.encoder}: the same by the length of items, {SIZE} guesses",
            header=("content words", "items", "recovered", "95 % interval"),
            rows=tuple(
                (
                    f"{each.least} to {each.most}" if each.most else f"{each.least} and more",
                    each.n_texts,
                    _rounded(each.own.value),
                    _ends(each.own),
                )
                for each in found.lengths
            ),
        )


def _table_of_rows(found: PersonaAttacked) -> Table:
    def row(what: str, read: RowsRead) -> tuple[Value, ...]:
        words = at_size(read.words, _FOR_HISTORIES)
        return (
            what,
            _rounded(read.told.value),
            _ends(read.told),
            _rounded(read.told_by_others.value),
            _rounded(words.own.value),
            _rounded(words.chance.value),
        )

    return Table(
        title=f"{found.persona}: what its rows tell of {N_IN_HISTORY} items",
        header=(
            "whose",
            "items told",
            "95 % interval",
            "from others' rows",
            f"words, {_FOR_HISTORIES} guesses",
            "words by chance",
        ),
        rows=(row("the user's", found.own), row("invented", found.tried)),
    )


def _plot(found: Attacked) -> Plot:
    lines = {
        "own vector": [each.own for each in found.own],
        "another item's vector": [each.other for each in found.own],
        "frequent words": [each.frequent for each in found.own],
        "invented texts": [each.own for each in found.tried],
    }
    sizes = [float(each.n_guesses) for each in found.own]
    return Plot(
        title=f"Content words recovered from vectors of {found.encoder}",
        x_label="guesses",
        y_label="share of a text's content words",
        lines=tuple(
            (name, tuple((size, _rounded(each.value)) for size, each in zip(sizes, values, strict=True)))
            for name, values in lines.items()
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _ends(value: Interval) -> str:
    return f"{value.low:.3f} to {value.high:.3f}"


def _rounded(value: float) -> float:
    return round(value, 4)


def _share(part: int, whole: int) -> float:
    return _rounded(part / whole) if whole else 0.0
