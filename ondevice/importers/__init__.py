"""Readers of what other programs have kept: each yields drafts, and none opens a profile.

All read as they go, except those of JSON files, and all name the file and the place of what they cannot take.
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
