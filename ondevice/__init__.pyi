"""What apps import from ``ondevice``; more is reached through these, ``ondevice.learned`` and ``ondevice.errors``."""

from .bundle.model_set import ModelSet
from .bundle.signature import PublisherKey
from .config import Contrast, EngineConfig, IndexConfig, KdfConfig, RetrievalConfig, Sampling
from .errors import OndeviceError
from .generation.answer_stream import Stream
from .generation.prompts.chat import Message
from .personalizer.personalizer import Personalizer
from .personalizer.shared_models import SharedModels
from .records import Completion, Draft, Filter, Hit, Item, Receipt
from .trial import install_bundle, roll_back_bundle
from .vault.process import protect_process
from .vault.receipts import receipt_from_json, receipt_to_json, verify_receipt
from .vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode

__version__: str

__all__ = [
    "AppKey",
    "Completion",
    "Contrast",
    "Draft",
    "EngineConfig",
    "Filter",
    "Hit",
    "IndexConfig",
    "Item",
    "KdfConfig",
    "Keystore",
    "Message",
    "ModelSet",
    "OndeviceError",
    "Passphrase",
    "Personalizer",
    "PublisherKey",
    "Receipt",
    "RecoveryCode",
    "RetrievalConfig",
    "Sampling",
    "SharedModels",
    "Stream",
    "install_bundle",
    "protect_process",
    "receipt_from_json",
    "receipt_to_json",
    "roll_back_bundle",
    "verify_receipt",
]
