"""Embed personalization in an app: five lines to an answer that knows the user.

Run it with ``python examples/embed_in_app.py [PROFILE]``; without a path the profile is temporary.
"""

import sys
import tempfile
from pathlib import Path

from ondevice import Personalizer


def main(profile: Path) -> None:
    """Add two notes, ask a question, and show which notes the answer stands on."""
    with Personalizer.open(profile, passphrase="correct horse battery staple", create_missing=True) as me:
        me.add("Visited the flat in Lyon: sunny, but the street is noisy. The landlord is Mrs. Moreau.")
        me.add("My sister Ida is allergic to hazelnuts.")
        reply = me.generate("What is the name of the landlord in Lyon?", max_tokens=40)
        print(reply.text)
        for hit in reply.sources:
            print(f"  from {hit.item.time:%Y-%m-%d}: {hit.item.text}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "me.profile")
