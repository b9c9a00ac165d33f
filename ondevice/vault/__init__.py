"""Everything at rest: keys, sealed blobs, the encrypted database and its erasure.

The bytes this room writes are specified in ``docs/reference/format.md``.
"""

from ondevice.vault.backup import BackupReport
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.checking import Flaw
from ondevice.vault.erasure import Eraser
from ondevice.vault.items import ItemStore, Stored, searchable_text
from ondevice.vault.lexical import LexicalIndex
from ondevice.vault.portable import ImportReport, export_items, import_items
from ondevice.vault.receipts import receipt_from_json, receipt_to_json, verify_receipt
from ondevice.vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode, Secret
from ondevice.vault.slots import SlotInfo
from ondevice.vault.vault import Vault
from ondevice.vault.vectors import VectorStore

__all__ = [
    "AppKey",
    "BackupReport",
    "Eraser",
    "Flaw",
    "ImportReport",
    "ItemStore",
    "Keystore",
    "LexicalIndex",
    "Passphrase",
    "RecoveryCode",
    "SealedFolder",
    "Secret",
    "SlotInfo",
    "Stored",
    "Vault",
    "VectorStore",
    "export_items",
    "import_items",
    "receipt_from_json",
    "receipt_to_json",
    "searchable_text",
    "verify_receipt",
]
