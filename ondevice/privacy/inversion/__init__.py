"""What can be read from stored vectors, and from a persona's rows, by somebody who has the key."""

from ondevice.privacy.inversion.check import check

__all__ = ["check"]
