"""Everything at rest: keys, sealed blobs, the encrypted database and its erasure.

The bytes this room writes are specified in ``docs/format.md``.
"""
