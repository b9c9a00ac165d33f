"""Readers of what other programs have kept; none opens a profile.

:mod:`ondevice.importers.formats` lists them as formats: each finds out whether a source is its own, and yields one
thing after the other as it reads, or says which it leaves out. The functions here yield drafts alone, and stop at the
first thing that is broken. All name the file and the place of what they cannot take.
"""

from ondevice.importers.jsonl import read_jsonl
from ondevice.importers.lamp import LampQuestion, read_lamp, read_lamp_questions
from ondevice.importers.locomo import read_locomo
from ondevice.importers.mail import read_mbox
from ondevice.importers.notes import read_text
from ondevice.importers.tables import read_csv

__all__ = [
    "LampQuestion",
    "read_csv",
    "read_jsonl",
    "read_lamp",
    "read_lamp_questions",
    "read_locomo",
    "read_mbox",
    "read_text",
]
