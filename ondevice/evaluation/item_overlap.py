"""What two splits have in common: a model that learned a question's text with another user's answer knows the answer.

LaMP keeps users apart, not what they write about: two users tag the same film. A question is *item-disjoint* from
another split if neither the text that is asked about nor its free answer stands anywhere there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ondevice.adaptation.lessons.leaks import PlantedSecret, Said, plain
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.generation.prompts.prompt import query_for
from ondevice.importers import LampQuestion, read_lamp_questions


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class KnownItems:
    """What questions and their histories say; case and spaces do not count.

    Args:
        texts: The texts that are asked about, and the items' texts.
        answers: The items' titles, and the questions' golds where they are known.
    """

    texts: frozenset[str]
    answers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, questions: Iterable[LampQuestion], golds: Iterable[str] = ()) -> KnownItems:
        """Gather what these questions and their histories say.

        Raises:
            InputError: If an entry of a history has the wrong form; it names the entry.
        """
        texts, answers = set[str](), set(map(plain, golds))
        for question in questions:
            texts.add(plain(query_for(question.task, question.request)))
            for draft in question.history():
                said = Said.by(draft)
                texts.add(said.text)
                answers.add(said.title)
        return cls(texts=frozenset(texts), answers=frozenset(answers - {""}))

    @classmethod
    def of_files(cls, paths: Iterable[Path]) -> KnownItems:
        """Gather what files of LaMP questions say, plain or gzipped.

        Raises:
            NotFoundError: If a file is missing.
            InputError: If one is no list of LaMP questions; it names the question.
        """
        return cls.of(question for path in paths for question in read_lamp_questions(path))

    def hold(self, text: str) -> bool:
        """Say whether this is one of the texts; of a question, give the part that is asked about (``query_for``)."""
        return plain(text) in self.texts

    def know(self, *, task: str, request: str, answer: str) -> bool:
        """Say whether a question's text, or its answer where that is free text, stands among them."""
        secret = PlantedSecret.of(task=task, answer=answer, texts=(query_for(task, request),))
        return not secret.texts.isdisjoint(self.texts) or not secret.answers.isdisjoint(self.texts | self.answers)


def disjoint_places(split: LampSplit, known: KnownItems) -> list[int]:
    """Return the places of the questions that are item-disjoint from what is known."""
    return [
        place
        for place, (question, gold) in enumerate(zip(split.questions, split.golds, strict=True))
        if not known.know(task=split.task, request=question.request, answer=gold)
    ]
