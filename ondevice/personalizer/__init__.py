"""The façade: one object that keeps a profile, searches it and answers from it. It composes the rooms below."""

from ondevice.personalizer.personalizer import Personalizer

__all__ = ["Personalizer"]
