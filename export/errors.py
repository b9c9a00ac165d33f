"""The errors that the builder's side adds to the tree of :mod:`ondevice.errors`; all have the exit code 10.

::

    ExportError
    ├ DatasetError       a training or evaluation file has the wrong form
    ├ ConversionError    a model could not be converted
    ├ ParityError        a converted model is too far from its original
    ├ AddError           a model of the user's own cannot be used
    ├ FetchError         a model could not be downloaded or did not verify
    └ ClusterError       work could not be spread over processes or machines
"""

from __future__ import annotations

from ondevice.errors import OndeviceError


class ExportError(OndeviceError):
    """The ``export`` package could not do its work."""

    exit_code = 10


class DatasetError(ExportError):
    """A training or evaluation file has the wrong form."""


class ConversionError(ExportError):
    """A model could not be converted."""


class ParityError(ExportError):
    """A converted model is too far from its original."""


class AddError(ExportError):
    """A model that the user named cannot be used."""


class FetchError(ExportError):
    """A model could not be downloaded, or its bytes are not the pinned ones."""


class ClusterError(ExportError):
    """Work could not be spread over processes or machines, or too many of them were lost."""
