"""What a profile holds, as evidence for an audit and as a page for its user."""

from ondevice.privacy.inventory.checking import check

__all__ = ["check"]
