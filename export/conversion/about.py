"""What a model builder says of a bundle: its name, its licence, where its weights come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from export.errors import ConversionError
from ondevice.bundle import FileEntry, FoldSpec, GateResult, Kind, Manifest
from ondevice.bundle.manifest import NAME_RULE, is_bundle_name


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What no tool can find out of a bundle.

    Args:
        name: The bundle's name.
        version: The bundle's version.
        license: The weights' licence (SPDX); ``None`` takes what the source declares.
        training_data: What the weights were trained on, in one line.
        paper: Where the method is described.
        learned_fold: The users whom the weights have learned from, where these were one of two folds.
    """

    name: str
    version: str
    license: str | None = None
    training_data: str | None = None
    paper: str | None = None
    learned_fold: FoldSpec | None = None

    def __post_init__(self) -> None:
        """Refuse a name that no bundle may have, before hours of work for it.

        Raises:
            ConversionError: Then.
        """
        if not is_bundle_name(self.name):
            raise ConversionError(f"{NAME_RULE}, not {self.name[:64]!r}", hint="choose another: --name")

    def terms(self, declared: str | None = None) -> str:
        """Return the licence: the one given, else the one that the source declares.

        Raises:
            ConversionError: If there is neither.
        """
        found = self.license or declared
        if found is None:
            raise ConversionError(
                "no licence is given, and the model card declares none", hint="name it: --license SPDX"
            )
        return found

    def manifest(
        self,
        kind: Kind,
        spec: object,
        *,
        license: str,
        source: str,
        files: Mapping[str, FileEntry],
        recipe: str,
        made_from: Mapping[str, str],
        gate: Sequence[GateResult] = (),
        learned_fold: FoldSpec | None = None,
    ) -> Manifest:
        """Return the bundle's manifest.

        Args:
            kind: What it is.
            spec: The section of that kind.
            license: What :meth:`terms` said.
            source: What it was made of, in words.
            files: By role.
            recipe: How it was converted, in one line.
            made_from: The files it was converted from: name → SHA-256.
            gate: What was measured.
            learned_fold: The users whom it has learned from, where its source tells.
        """
        section: dict[str, Any] = {kind: spec}
        return Manifest(
            kind=kind,
            name=self.name,
            version=self.version,
            license=license,
            source=source,
            files=files,
            gate=tuple(gate),
            recipe=recipe,
            paper=self.paper,
            training_data=self.training_data,
            made_from=made_from,
            learned_fold=learned_fold or self.learned_fold,
            **section,
        )
