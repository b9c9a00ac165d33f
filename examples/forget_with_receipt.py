"""Forget something for good, and keep a signed receipt that says where it was erased.

Run it with ``python examples/forget_with_receipt.py [PROFILE]``; without a path the profile is temporary.
"""

import os
import sys
import tempfile
from pathlib import Path

from ondevice import Filter, Personalizer, verify_receipt


def main(profile: Path) -> None:
    """Erase one item by id and others by filter; nothing else of them is left."""
    with Personalizer.create(profile, app_key=os.urandom(32)) as me:
        secret = me.add("The door code of the office is 4711.", metadata={"project": "office"})
        me.add("Lunch with Priya at noon.", metadata={"project": "office"})
        me.add("Choir rehearsal on Wednesday at 19:30.")
        receipts = [me.forget(secret.id), me.forget(Filter(metadata={"project": "office"}))]
        for receipt in receipts:
            print(
                f"{len(receipt.item_ids)} forgotten, read back: {receipt.verified}, signed: {verify_receipt(receipt)}"
            )
            for artifact in receipt.artifacts:
                print(f"  {artifact.kind} {artifact.name}: {artifact.outcome} ({artifact.count})")
        print("still known:", [item.text for item in me.items.list()])


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "me.profile")
