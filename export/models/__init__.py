"""Models by name: a pinned registry, and the only code of this project that downloads.

Nothing fetched is installed, imported, unpickled or run; a file gets its name after its SHA-256 was compared.
"""

from export.models.checking import ModelState, State, check_folder, check_model, check_own, own_models
from export.models.fetching import FetchedFile, FetchReport, fetch_model
from export.models.hub import Connection
from export.models.index import PipOptions
from export.models.registry import RegisteredFile, RegisteredModel, Registry, load_registry, parse_registry
from export.models.supply import Choice, FetchOptions

__all__ = [
    "Choice",
    "Connection",
    "FetchOptions",
    "FetchReport",
    "FetchedFile",
    "ModelState",
    "PipOptions",
    "RegisteredFile",
    "RegisteredModel",
    "Registry",
    "State",
    "check_folder",
    "check_model",
    "check_own",
    "fetch_model",
    "load_registry",
    "own_models",
    "parse_registry",
]
