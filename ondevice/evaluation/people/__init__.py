"""Invented people with notes: to measure whether a model answers from them, and to teach one to."""

from ondevice.evaluation.people.grading import Grade, GradedAnswer, grade
from ondevice.evaluation.people.person import NotesRequest, Person, check_talks, make_people, make_person
from ondevice.evaluation.people.scene import Split

__all__ = [
    "Grade",
    "GradedAnswer",
    "NotesRequest",
    "Person",
    "Split",
    "check_talks",
    "grade",
    "make_people",
    "make_person",
]
