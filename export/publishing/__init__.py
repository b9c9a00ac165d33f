"""Publishing: measured bundles become signed archives whose bytes repeat, and archives can be looked into.

Nothing here runs a model but :func:`measure_bundle`; the runtimes are loaded there.
"""

from export.publishing.holding import hold_to_recorded
from export.publishing.inspection import Description, inspect
from export.publishing.keys import SigningKey, keygen, load_private_key, needs_passphrase, read_publisher_key
from export.publishing.parity import ParityData, measure_bundle, record
from export.publishing.publication import Notes, Published, publish

__all__ = [
    "Description",
    "Notes",
    "ParityData",
    "Published",
    "SigningKey",
    "hold_to_recorded",
    "inspect",
    "keygen",
    "load_private_key",
    "measure_bundle",
    "needs_passphrase",
    "publish",
    "read_publisher_key",
    "record",
]
