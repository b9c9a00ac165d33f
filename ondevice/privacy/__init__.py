"""What a profile gives away: the audit, and its signed evidence.

::

    from ondevice.privacy import audit

    report = audit("me.profile", passphrase=ask(), out="evidence")
    print(report.verdict, [finding.code for finding in report.findings])

The names stand in ``__init__.pyi``, and load when they are first used: a check that needs one module loads no other.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
