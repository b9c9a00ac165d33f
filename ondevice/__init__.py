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

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
