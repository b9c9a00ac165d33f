"""Names from before the façade was redrawn: they still work, and a warning says where they went."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from ondevice.arguments import require_known
from ondevice.vault.secrets import GivenSecrets, collect_secrets

if TYPE_CHECKING:
    from ondevice.personalizer.personalizer import Personalizer

FORMER: Mapping[str, str] = {
    "get": "items.get",
    "list": "items.list",
    "update": "items.update",
    "history": "items.history",
    "reencode": "items.reencode",
    "export_items": "items.export",
    "import_items": "items.load",
    "backup": "vault.backup",
    "rekey": "vault.rekey",
    "plan": "planner.plan",
    "holdout": "planner.holdout",
}
"""Former name → where it is now."""


def former(me: Personalizer, name: str) -> Any:  # noqa: ANN401 - any attribute
    """Return what had this name, and warn.

    Raises:
        AttributeError: If nothing had.
    """
    if name not in FORMER:
        # Looked up once more for Python's own error: what a subclass's property failed for, what may have been meant.
        return object.__getattribute__(me, name)
    part, method = FORMER[name].split(".")
    warnings.warn(f"me.{name} is me.{FORMER[name]} now", DeprecationWarning, stacklevel=3)
    found: Callable[..., Any] = getattr(getattr(me, part), method)
    return found if name != "rekey" else lambda **given: _rekey(found, **given)


def _rekey(rekey: Callable[..., None], *, on_progress: Callable[[int, int], None] | None = None, **given: Any) -> None:  # noqa: ANN401 - secrets of any kind
    require_known(given, GivenSecrets, "there is no argument")
    rekey(collect_secrets(cast(GivenSecrets, given)), on_progress=on_progress)
