"""The attack on the stored vectors of one encoder: learn, try on invented texts, then hold against the user's items."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ondevice.evaluation.intervals import Interval, mean_interval
from ondevice.privacy.inversion.decoder import Matrix, WordDecoder
from ondevice.privacy.inversion.invented import learned_texts, tried_texts
from ondevice.privacy.inversion.recovery import MIN_TEXTS, SIZE, Recovered, Truth, own_shares, recovered
from ondevice.privacy.inversion.stored import StoredVectors, coarse
from ondevice.privacy.inversion.vocabulary import content_words, words_of_tokenizer
from ondevice.signals import Progress

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.retrieval.encoding.encoder import Encoder

MAX_WORDS = 12_000
"""Words of the tokenizer that are guessed, besides those of the learned texts."""
MIN_COSINE = 0.9
"""Of a stored vector with its text's: on another processor an encoder of 8 bits differs by less."""
LENGTHS = ((1, 5), (6, 15), (16, 40), (41, None))
"""Numbers of words in a text, from and to."""
BITS = (8, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attacker:
    """Who attacks the vectors of one encoder, with nothing of the user's.

    Args:
        decoder: Guesses words.
        tried: What it recovers of invented texts that it has never seen.
        learned: Vectors of the texts that it learned from.
        learned_words: The words in each of them.
        trial: Vectors of those that it was tried on.
        trial_words: The words in each of them.
        n_tokenizer_words: How many words the tokenizer gave it.
    """

    decoder: WordDecoder = field(repr=False)
    tried: tuple[Recovered, ...]
    learned: Matrix = field(repr=False)
    learned_words: tuple[frozenset[str], ...] = field(repr=False)
    trial: Matrix = field(repr=False)
    trial_words: tuple[frozenset[str], ...] = field(repr=False)
    n_tokenizer_words: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Length:
    """What was recovered of the texts of some length; without an upper end, of all longer ones."""

    least: int
    most: int | None
    n_texts: int
    own: Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Attacked:
    """What the attack recovered of the user's items.

    Args:
        encoder: The encoder's name.
        n_texts: Items it was held against.
        n_wordless: Items left out because they have no word to look for.
        n_stored: All vectors of the encoder.
        n_guessable: Words of the items that can be guessed at all, of all ``n_words``.
        n_words: Words of the items.
        tried: The same on invented texts.
        own: On the stored vectors.
        coarser: On the same with fewer bits a number: bits → what was recovered.
        lengths: By the number of words in an item.
        n_of_other_text: Stored vectors that the item's present text does not give.
        n_tokenizer_words: How many words the tokenizer gave the attacker.
    """

    encoder: str
    n_texts: int
    n_wordless: int
    n_stored: int
    n_guessable: int
    n_words: int
    tried: tuple[Recovered, ...]
    own: tuple[Recovered, ...]
    coarser: tuple[tuple[int, tuple[Recovered, ...]], ...]
    lengths: tuple[Length, ...]
    n_of_other_text: int
    n_tokenizer_words: int


def attack(bundle: Bundle, encoder: Encoder, stored: StoredVectors, on_progress: Progress) -> tuple[Attacker, Attacked]:
    """Learn to read this encoder's vectors, and read the stored ones.

    Args:
        bundle: The encoder's.
        encoder: What made the vectors.
        stored: At least :data:`~ondevice.privacy.inversion.recovery.MIN_TEXTS` of them.
        on_progress: Told (texts encoded, texts in all).

    Raises:
        BundleError: If the encoder fails.
    """
    learned, tried = learned_texts(), tried_texts()
    learned_words, tried_words = (tuple(map(content_words, texts)) for texts in (learned, tried))
    of_tokenizer = words_of_tokenizer(bundle.file("tokenizer"), limit=MAX_WORDS)
    words = list(dict.fromkeys([*of_tokenizer, *sorted(set().union(*learned_words))]))
    # In one call, so that there is one progress; the items' own vectors are not for the attacker.
    parts = [words, learned, tried, stored.texts]
    encoded = encoder.encode_passages([text for part in parts for text in part], on_progress=on_progress)
    encoder.forget()
    ends = np.cumsum([len(part) for part in parts])
    of_words, of_learned, of_tried, anew = np.split(encoded, ends[:-1])
    decoder = WordDecoder.learn(words, of_words, learned_words, of_learned)
    attacker = Attacker(
        decoder=decoder,
        tried=recovered(decoder, of_tried, Truth(decoder, tried_words)),
        learned=of_learned,
        learned_words=learned_words,
        trial=of_tried,
        trial_words=tried_words,
        n_tokenizer_words=len(of_tokenizer),
    )
    return attacker, _held_against(attacker, bundle.name, stored, anew)


def _held_against(attacker: Attacker, name: str, stored: StoredVectors, anew: Matrix) -> Attacked:
    truth = Truth(attacker.decoder, stored.words)
    return Attacked(
        encoder=name,
        n_texts=len(stored.texts),
        n_wordless=stored.n_wordless,
        n_stored=stored.n_stored,
        n_guessable=sum(len(attacker.decoder.numbers_of(words)) for words in stored.words),
        n_words=int(truth.n_words.sum()),
        tried=attacker.tried,
        own=recovered(attacker.decoder, stored.vectors, truth),
        coarser=tuple(
            (n_bits, recovered(attacker.decoder, coarse(stored.vectors, n_bits=n_bits), truth)) for n_bits in BITS
        ),
        lengths=_by_length(attacker.decoder, stored, truth),
        n_of_other_text=int(((stored.vectors * anew).sum(axis=1) < MIN_COSINE).sum()),
        n_tokenizer_words=attacker.n_tokenizer_words,
    )


def _by_length(decoder: WordDecoder, stored: StoredVectors, truth: Truth) -> tuple[Length, ...]:
    shares = own_shares(decoder, stored.vectors, truth, SIZE)
    found = []
    for least, most in LENGTHS:
        chosen = (truth.n_words >= least) & (truth.n_words <= (most or np.inf))
        if chosen.sum() >= MIN_TEXTS:
            own = mean_interval(shares[chosen])
            found.append(Length(least=least, most=most, n_texts=int(chosen.sum()), own=own))
    return tuple(found)
