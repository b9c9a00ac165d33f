"""What somebody reads who has the files: the check ``at-rest``."""

from ondevice.privacy.at_rest.check import check

__all__ = ["check"]
