"""Personalize a language model on the user's own device.

::

    from ondevice import Personalizer

    with Personalizer.open("me.profile", passphrase=ask()) as me:
        me.add("Visited the flat in Lyon: sunny, noisy street.")
        reply = me.generate("Draft a reply to the landlord.")
        print(reply.text, reply.sources)

Names load when they are first used, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ondevice.adaptation.choosing import GateConfig
    from ondevice.adaptation.recipe import LoraRecipe, TrainingConfig, TrainingReport
    from ondevice.adapter_notes import AdapterInfo, AdapterStatus
    from ondevice.adapting import Adapters
    from ondevice.answering import Stream
    from ondevice.bundle.installing import Installed
    from ondevice.bundle.signature import PublisherKey
    from ondevice.config import Contrast, EngineConfig, IndexConfig, KdfConfig, RetrievalConfig, Sampling
    from ondevice.errors import (
        AdaptationError,
        BundleError,
        CipherUnavailableError,
        ClusterError,
        ContextOverflowError,
        ConversionError,
        CorruptError,
        DatasetError,
        ExportError,
        FetchError,
        GenerationError,
        InputError,
        KeystoreError,
        LockedError,
        ManifestError,
        ModelMismatchError,
        NotFoundError,
        OndeviceError,
        ParityError,
        ProfileBusyError,
        ProfileExistsError,
        SignatureError,
        StorageError,
        VersionError,
    )
    from ondevice.generation.chat import Message
    from ondevice.generation.summary import ProfileSummary, SummaryConfig
    from ondevice.merged import Merged
    from ondevice.merged_notes import MergedInfo
    from ondevice.personalizer import Personalizer
    from ondevice.plans import PersonalizationPlan
    from ondevice.recipe_search import RecipeSearch
    from ondevice.records import ArtifactOutcome, Completion, Draft, Filter, Hit, Item, Receipt, Selection, Version
    from ondevice.refinement import Refinement
    from ondevice.refinement_notes import RefinementReport, RefinementStatus
    from ondevice.reports import AddReport, Stats
    from ondevice.retrieval.refining import RefiningConfig
    from ondevice.summarizing import Summaries
    from ondevice.trial import install_bundle, roll_back_bundle
    from ondevice.vault.process import Protection, protect_process
    from ondevice.vault.receipts import receipt_from_json, receipt_to_json, verify_receipt
    from ondevice.vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode

__version__ = "0.1.0"

_ROOMS = {
    "ondevice.adaptation.choosing": ("GateConfig",),
    "ondevice.adaptation.recipe": ("LoraRecipe", "TrainingConfig", "TrainingReport"),
    "ondevice.adapter_notes": ("AdapterInfo", "AdapterStatus"),
    "ondevice.adapting": ("Adapters",),
    "ondevice.answering": ("Stream",),
    "ondevice.bundle.installing": ("Installed",),
    "ondevice.bundle.signature": ("PublisherKey",),
    "ondevice.config": ("Contrast", "EngineConfig", "IndexConfig", "KdfConfig", "RetrievalConfig", "Sampling"),
    "ondevice.errors": (
        "AdaptationError",
        "BundleError",
        "CipherUnavailableError",
        "ClusterError",
        "ContextOverflowError",
        "ConversionError",
        "CorruptError",
        "DatasetError",
        "ExportError",
        "FetchError",
        "GenerationError",
        "InputError",
        "KeystoreError",
        "LockedError",
        "ManifestError",
        "ModelMismatchError",
        "NotFoundError",
        "OndeviceError",
        "ParityError",
        "ProfileBusyError",
        "ProfileExistsError",
        "SignatureError",
        "StorageError",
        "VersionError",
    ),
    "ondevice.generation.chat": ("Message",),
    "ondevice.generation.summary": ("ProfileSummary", "SummaryConfig"),
    "ondevice.merged": ("Merged",),
    "ondevice.merged_notes": ("MergedInfo",),
    "ondevice.personalizer": ("Personalizer",),
    "ondevice.plans": ("PersonalizationPlan",),
    "ondevice.recipe_search": ("RecipeSearch",),
    "ondevice.records": (
        "ArtifactOutcome",
        "Completion",
        "Draft",
        "Filter",
        "Hit",
        "Item",
        "Receipt",
        "Selection",
        "Version",
    ),
    "ondevice.refinement": ("Refinement",),
    "ondevice.refinement_notes": ("RefinementReport", "RefinementStatus"),
    "ondevice.reports": ("AddReport", "Stats"),
    "ondevice.retrieval.refining": ("RefiningConfig",),
    "ondevice.summarizing": ("Summaries",),
    "ondevice.trial": ("install_bundle", "roll_back_bundle"),
    "ondevice.vault.process": ("Protection", "protect_process"),
    "ondevice.vault.receipts": ("receipt_from_json", "receipt_to_json", "verify_receipt"),
    "ondevice.vault.secrets": ("AppKey", "Keystore", "Passphrase", "RecoveryCode"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "AdaptationError",
    "AdapterInfo",
    "AdapterStatus",
    "Adapters",
    "AddReport",
    "AppKey",
    "ArtifactOutcome",
    "BundleError",
    "CipherUnavailableError",
    "ClusterError",
    "Completion",
    "ContextOverflowError",
    "Contrast",
    "ConversionError",
    "CorruptError",
    "DatasetError",
    "Draft",
    "EngineConfig",
    "ExportError",
    "FetchError",
    "Filter",
    "GateConfig",
    "GenerationError",
    "Hit",
    "IndexConfig",
    "InputError",
    "Installed",
    "Item",
    "KdfConfig",
    "Keystore",
    "KeystoreError",
    "LockedError",
    "LoraRecipe",
    "ManifestError",
    "Merged",
    "MergedInfo",
    "Message",
    "ModelMismatchError",
    "NotFoundError",
    "OndeviceError",
    "ParityError",
    "Passphrase",
    "PersonalizationPlan",
    "Personalizer",
    "ProfileBusyError",
    "ProfileExistsError",
    "ProfileSummary",
    "Protection",
    "PublisherKey",
    "Receipt",
    "RecipeSearch",
    "RecoveryCode",
    "Refinement",
    "RefinementReport",
    "RefinementStatus",
    "RefiningConfig",
    "RetrievalConfig",
    "Sampling",
    "Selection",
    "SignatureError",
    "Stats",
    "StorageError",
    "Stream",
    "Summaries",
    "SummaryConfig",
    "TrainingConfig",
    "TrainingReport",
    "Version",
    "VersionError",
    "__version__",
    "install_bundle",
    "protect_process",
    "receipt_from_json",
    "receipt_to_json",
    "roll_back_bundle",
    "verify_receipt",
]


def __getattr__(name: str) -> object:
    """Load a public name from its room at first use."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'ondevice' has no attribute {name!r}")
    value: object = getattr(import_module(_ROOM_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
