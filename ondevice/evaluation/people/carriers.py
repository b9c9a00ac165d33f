"""What a statement stands in: a note, a task, a message, a mail, a journal's day, a long text, a turn of a talk.

A statement in the first person can only be the user's own; one that says ``you`` can only have been sent to the user.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ondevice.evaluation.people import names
from ondevice.evaluation.people.scene import Scene
from ondevice.evaluation.people.small_talk import LONG_TITLES, SENTENCES, TITLES
from ondevice.evaluation.people.statement import Statement
from ondevice.evaluation.people.turns import turn
from ondevice.records import Draft, Scalar

_MINE = re.compile(r"\b(?:I|I'm|I've|my|me|mine|we|our|us)\b", re.IGNORECASE)
_YOURS = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)


def carry(scene: Scene, statement: Statement, *, me: str, id: str) -> Draft:
    """Return an item that holds the statement, alone or among small talk."""
    if statement.is_told:
        return turn(scene, statement, id=id)
    is_mine, is_sent = bool(_MINE.search(statement.text)), bool(_YOURS.search(statement.text))
    if is_sent:
        carrier = scene.random.choice((_message, _mail))
    elif is_mine:
        carrier = scene.random.choices((_note, _task, _journal, _long, _my_message), (45, 8, 22, 15, 10))[0]
    else:
        carrier = scene.random.choices((_note, _task, _journal, _long, _message, _mail), (34, 8, 12, 14, 16, 16))[0]
    kind, text, fields = carrier(scene, statement.text, me)
    return Draft(id=id, text=text, kind=kind, fields=fields, time=statement.at)


def small_talk(scene: Scene, most: int) -> list[str]:
    """Return up to so many different sentences that say nothing anybody asks for."""
    return scene.random.sample(list(scene.half(SENTENCES)), scene.random.randint(0, most))


_Carried = tuple[str, str, Mapping[str, Scalar]]


def _among(scene: Scene, statement: str, most: int) -> str:
    sentences = small_talk(scene, most)
    sentences.insert(scene.random.randint(0, len(sentences)), statement)
    return " ".join(sentences)


def _note(scene: Scene, statement: str, me: str) -> _Carried:
    fields: Mapping[str, Scalar] = {"title": scene.pick(TITLES)} if scene.chance(0.25) else {}
    return "note", _among(scene, statement, 1), fields


def _task(scene: Scene, statement: str, me: str) -> _Carried:
    return "task", statement, {}


def _journal(scene: Scene, statement: str, me: str) -> _Carried:
    return "journal", _among(scene, statement, 4), {}


def _long(scene: Scene, statement: str, me: str) -> _Carried:
    sentences = scene.random.sample(list(scene.half(SENTENCES)), scene.random.randint(12, 22))
    place = scene.random.randint(len(sentences) // 3, len(sentences))
    sentences.insert(place, statement)
    return "note", " ".join(sentences), {"title": scene.pick(LONG_TITLES)}


def _message(scene: Scene, statement: str, me: str) -> _Carried:
    return "message", _among(scene, statement, 1), {"from": _writer(scene), "to": me}


def _my_message(scene: Scene, statement: str, me: str) -> _Carried:
    return "message", _among(scene, statement, 1), {"from": me, "to": _writer(scene)}


def _mail(scene: Scene, statement: str, me: str) -> _Carried:
    writer = _writer(scene)
    body = _among(scene, statement, 3)
    greeting = scene.random.choice(("Hello,", "Hi,", "Good morning,", "Dear all,"))
    fields = {"from": writer, "to": me, "title": scene.pick(TITLES)}
    return "email", f"{greeting} {body} Best wishes, {writer.split()[0]}", fields


def _writer(scene: Scene) -> str:
    return f"{scene.pick(names.FIRST)} {scene.pick(names.LAST)}"
