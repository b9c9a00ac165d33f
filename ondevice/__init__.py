"""Personalize a language model on the user's own device.

::

    from ondevice import Personalizer

    with Personalizer.open("me.profile", passphrase=ask()) as me:
        me.add("Visited the flat in Lyon: sunny, noisy street.")
        reply = me.generate("Draft a reply to the landlord.")
        print(reply.text, reply.sources)

The names stand in ``__init__.pyi``. They load when they are first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

import warnings

import lazy_loader

__version__ = "0.1.0"

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Load a public name from its room at first use; one that has moved comes with a warning that says where to."""
    if name in __all__:
        found: object = _load(name)
        return found
    if name[:1].isupper():
        # Not ``from ondevice import``, which would ask here for the rooms too.
        import ondevice.errors as errors
        import ondevice.learned as learned
        import ondevice.records as records

        for room in (errors, learned, records):
            # Not what a room itself imports, as typing.Mapping.
            if getattr(vars(room).get(name), "__module__", "").startswith("ondevice."):
                warnings.warn(f"{name} comes from {room.__name__} now", DeprecationWarning, stacklevel=2)
                return vars(room)[name]
    raise AttributeError(f"module 'ondevice' has no attribute {name!r}")
