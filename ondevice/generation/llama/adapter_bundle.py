"""An adapter that came as a bundle: checked against its base, loaded, and applied."""

from __future__ import annotations

from ondevice.bundle import Bundle
from ondevice.errors import CorruptError, StorageError
from ondevice.generation.llama.adapters import Adapter
from ondevice.generation.llama.engine import Engine


def use_adapter_bundle(engine: Engine, adapter: Bundle, base: Bundle) -> Adapter:
    """Load an adapter's bundle into the engine that runs ``base``, and apply it at scale 1.

    Raises:
        ModelMismatchError: If the adapter was made for another base.
        CorruptError: If its bytes are damaged, or have changed since the bundle was opened.
        BundleError: If it holds no adapter.
        StorageError: If it cannot be read.
    """
    adapter.check_base(base)
    try:
        data = adapter.file("model").read_bytes()
    except OSError as error:
        raise StorageError(f"the adapter {adapter.name!r} cannot be read: {error.strerror}") from None
    loaded = engine.load_adapter(data)
    if loaded.id != adapter.files["model"].sha256:
        engine.unload_adapter(loaded)
        raise CorruptError(f"the adapter {adapter.name!r} has changed while it was opened")
    engine.use_adapter(loaded)
    return loaded
