"""Import a JSON Lines file of your own, then ask about it.

Run it with ``python examples/import_and_ask.py [PROFILE [FILE]]``; without arguments both are temporary.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from ondevice import Filter, Personalizer
from ondevice.importers import read_jsonl

ROWS = [
    {"text": "Dentist appointment with Dr. Amin on 12 March at 8:30.", "kind": "note", "time": "2026-02-20T10:45:00Z"},
    {"text": "The choir concert is on 16 May at 20:00.", "kind": "message", "time": "2026-03-17T19:10:00Z"},
]


def main(profile: Path, rows: Path) -> None:
    """Import once (a second run adds nothing), search among notes only, and ask."""
    with Personalizer.create(profile, app_key=os.urandom(32)) as me:
        report = me.add_many(read_jsonl(rows))
        print(f"{report.n_added} added, {report.n_known} known already")
        for hit in me.search("appointments", filter=Filter(kinds=("note",))):
            print(f"{hit.rank}. {hit.item.text}")
        print(me.generate("When is my dentist appointment?", max_tokens=40).text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "rows.jsonl"
        made.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
        given = [Path(argument) for argument in sys.argv[1:]]
        main(given[0] if given else Path(folder) / "me.profile", given[1] if len(given) > 1 else made)
