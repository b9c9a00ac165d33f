"""A real encrypted profile that is there for an evaluation alone: under a random key, and gone with the block.

What a kill leaves of it nobody can read, and the next run removes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ondevice.bundle.model_set import ModelSet
from ondevice.personalizer import Personalizer
from ondevice.personalizer.shared_models import SharedModels
from ondevice.records import Draft
from ondevice.safety.temporary_folder import temporary_folder


@contextmanager
def temporary_profile(
    models: ModelSet | SharedModels, drafts: Sequence[Draft]
) -> Iterator[tuple[Personalizer, Mapping[str, str]]]:
    """Open a profile that holds these notes, and give it with the ids of its items by those of the drafts.

    Two drafts that say the same are one item, under the id of the first. A draft without an id is in no mapping.

    Args:
        models: What the profile works with.
        drafts: What is noted in it.

    Raises:
        NotFoundError: If a model is missing.
        InputError: If a note cannot be stored.
        StorageError: If the disk refuses.
    """
    with temporary_folder() as folder:
        place, key = folder / "notes.profile", secrets.token_bytes(32)
        with Personalizer.create(place, app_key=key, models=models) as me:
            item_ids = me.add_many(drafts).item_ids
            pairs = zip(drafts, item_ids, strict=True)
            yield me, {draft.id: item_id for draft, item_id in pairs if draft.id is not None}
