"""What a user's adapter gives away of what it learned from: attacked as somebody would who may ask it, or has it."""

from ondevice.privacy.leakage.section import check

__all__ = ["check"]
