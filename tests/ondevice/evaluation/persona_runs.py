"""Tiny models with a persona, and users who wrote about different things."""

from __future__ import annotations

import shutil
from pathlib import Path

from ondevice.bundle import Bundle, read_manifest
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from tests.ondevice.evaluation.lamp_files import entry, question, write_split
from tests.tiny_persona import make_tiny_persona

TOLD = {"a": ("river", "beach", "mountain"), "b": ("bread", "wine", "cake"), "new": ()}
TAGS = ("novel", "film", "poem")
"""Words that the tiny encoder knows, as those above."""
KNOWN = ("LaMP_2", "LaMP_4")
N_TASK_ROWS, N_ROWS = 1, 2


def persona_models(folder: Path, app_models: Path) -> Path:
    """Copy the tiny models into a folder, and put a persona beside them that knows two tasks."""
    shutil.copytree(app_models, folder)
    encoder = read_manifest(folder / "tiny-encoder")
    bases = [read_manifest(folder / "tiny-generator").files["model"].sha256]
    make_tiny_persona(folder / "persona", encoder=encoder.id, bases=bases, name="persona", tasks=KNOWN)
    make_tiny_persona(folder / "foreign", encoder=encoder.id, bases=["0" * 64], name="foreign", tasks=KNOWN)
    make_tiny_persona(folder / "otherwise", encoder="another", bases=bases, name="otherwise", tasks=KNOWN)
    return folder


def persona_of(models: Path) -> Bundle:
    """Open the persona."""
    return Bundle.open(models / "persona", kind="persona")


def split_of(data: Path, task: str = "LaMP_2", split: str = "dev", users: str = "") -> LampSplit:
    """Return a question of each user of :data:`TOLD`, or of these users with one letter each."""
    told = {user: (f"dog {user}", f"garden {user}") for user in users} or TOLD

    def said(word: str, user: str, tag: str) -> dict[str, str]:
        text = f"the {word} {user}"
        return {"description": text, "tag": tag} if task == "LaMP_2" else {"text": text}

    asked = [
        {
            **question(task, f"{split}-{user}", user=user),
            "input": question(task, "")["input"] + f" of {user}",
            "profile": [
                entry(task, n, **said(word, user, tag)) for n, (word, tag) in enumerate(zip(words, TAGS, strict=False))
            ],
        }
        for user, words in told.items()
    ]
    return read_lamp_split(write_split(data / task, task, asked, split=split), split)
