"""The options that commands share: which profile, how it is unlocked, with which models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from ondevice.bundle.chosen import Chosen, read_chosen
from ondevice.bundle.model_set import ModelSet
from ondevice.cli.failing import UsageError
from ondevice.cli.places import PROFILE_VARIABLE, models_place, profile_place
from ondevice.cli.publishers import MODELS_PANEL, PublisherOption, read_publishers
from ondevice.cli.secrets_in import SecretSource
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, MODELS_VARIABLE, RETRIEVERS
from ondevice.errors import NotFoundError, StorageError

if TYPE_CHECKING:
    from ondevice.bundle import PublisherKey
    from ondevice.personalizer import Personalizer
    from ondevice.vault.secrets import Secret
    from ondevice.vault.vault import Vault

PROFILE_PANEL = "Profile and unlocking"

ProfileOption = Annotated[
    Path | None,
    typer.Option(
        "--profile",
        metavar="DIR",
        help=f"The profile's folder; else ${PROFILE_VARIABLE}, else the platform's data folder.",
        rich_help_panel=PROFILE_PANEL,
    ),
]
PassphraseOption = Annotated[
    int | None,
    typer.Option(
        "--passphrase-fd",
        metavar="N",
        min=0,
        help="Read the passphrase's line from this file descriptor instead of asking.",
        rich_help_panel=PROFILE_PANEL,
    ),
]
RecoveryOption = Annotated[
    int | None,
    typer.Option(
        "--recovery-fd",
        metavar="N",
        min=0,
        help="Unlock with the recovery code on this file descriptor.",
        rich_help_panel=PROFILE_PANEL,
    ),
]
KeystoreOption = Annotated[
    bool,
    typer.Option("--keystore", help="Unlock with the operating system's keystore.", rich_help_panel=PROFILE_PANEL),
]
ModelsOption = Annotated[
    Path | None,
    typer.Option(
        "--models",
        metavar="DIR",
        help=f"The models' folder; else ${MODELS_VARIABLE}, else the platform's cache folder.",
        rich_help_panel=MODELS_PANEL,
    ),
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="The encoder; 'none' works without vectors. Else what ondevice-models use chose.",
        show_default=DEFAULT_ENCODER,
        rich_help_panel=MODELS_PANEL,
    ),
]
GeneratorOption = Annotated[
    str | None,
    typer.Option(
        "--generator",
        metavar="NAME",
        help="The language model. Else what ondevice-models use chose.",
        show_default=DEFAULT_GENERATOR,
        rich_help_panel=MODELS_PANEL,
    ),
]

AdapterOption = Annotated[
    str | None,
    typer.Option("--adapter", metavar="NAME", help="An adapter for the language model.", rich_help_panel=MODELS_PANEL),
]
PersonaOption = Annotated[
    str | None,
    typer.Option(
        "--persona",
        metavar="NAME",
        help="A persona: rows of the user that the language model reads behind the prompt; of 'eval' for lamp alone.",
        rich_help_panel=MODELS_PANEL,
    ),
]

Options = Mapping[str, tuple[Any, Any]]
PROFILE: Options = {"profile": (ProfileOption, None)}
UNLOCK: Options = {
    "passphrase_fd": (PassphraseOption, None),
    "recovery_fd": (RecoveryOption, None),
    "keystore": (KeystoreOption, False),
}
BUNDLES: Options = {"models": (ModelsOption, None), "publisher": (PublisherOption, None)}
MODELS: Options = {
    **BUNDLES,
    "encoder": (EncoderOption, None),
    "generator": (GeneratorOption, None),
    "adapter": (AdapterOption, None),
}
PERSONA: Options = {"persona": (PersonaOption, None)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfilePlace:
    """Which profile a command is about, without opening it."""

    OPTIONS: ClassVar[Options] = PROFILE

    profile: Path

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> ProfilePlace:
        """Read the shared options of a call."""
        return cls(profile=profile_place(given["profile"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelChoice:
    """Which models a command works with; a persona where the command is about one profile."""

    OPTIONS: ClassVar[Options] = MODELS

    models: Path
    encoder: str | None
    generator: str
    adapter: str | None = None
    persona: str | None = None
    publishers: tuple[PublisherKey, ...] | None = None

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> ModelChoice:
        """Read the shared options of a call; what they leave open is the user's choice, or the default."""
        models = models_place(given["models"])
        is_open = given["encoder"] is None or given["generator"] is None
        chosen = read_chosen(models) if is_open else Chosen()
        encoder = given["encoder"] or chosen.encoder or DEFAULT_ENCODER
        return cls(
            models=models,
            encoder=None if encoder == "none" else encoder,
            generator=given["generator"] or chosen.generator or DEFAULT_GENERATOR,
            adapter=given["adapter"],
            persona=given.get("persona"),
            publishers=read_publishers(given["publisher"]),
        )

    def further_encoders(self, retriever: str | None) -> tuple[str, ...]:
        """Return which encoders a retriever needs besides the chosen one.

        Raises:
            UsageError: If it is neither a built-in retriever nor an encoder in the models' folder.
        """
        from ondevice.bundle.listing import kind_of

        if retriever is None or retriever in RETRIEVERS:
            return ()
        if kind_of(self.models, retriever) != "encoder":
            raise UsageError(
                f"the retriever {retriever!r} is unknown: choose one of {', '.join(RETRIEVERS)}, "
                f"or an encoder in {self.models}"
            )
        return (retriever,)


@dataclass(frozen=True, kw_only=True, slots=True)
class BundlePlace:
    """Which folder of models a command works on, and whose models it trusts."""

    OPTIONS: ClassVar[Options] = BUNDLES

    models: Path
    publishers: tuple[PublisherKey, ...] | None

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> BundlePlace:
        """Read the shared options of a call."""
        return cls(models=models_place(given["models"]), publishers=read_publishers(given["publisher"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlocking:
    """Which profile a command unlocks, and how, for commands that need no model."""

    OPTIONS: ClassVar[Options] = {**PROFILE, **UNLOCK}

    profile: Path
    source: SecretSource

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> Unlocking:
        """Read the shared options of a call."""
        source = SecretSource(
            passphrase_fd=given["passphrase_fd"], recovery_fd=given["recovery_fd"], keystore=given["keystore"]
        )
        return cls(profile=profile_place(given["profile"]), source=source)

    def secret(self) -> Secret:
        """Obtain the secret, after making sure that there is a profile to unlock.

        Raises:
            NotFoundError: If there is no profile.
            StorageError: If this user may not look whether there is one.
        """
        from ondevice.vault.process import protect_process

        try:
            is_there = self.profile.is_dir()
        except PermissionError:
            raise StorageError(
                f"this user may not look into the folder of {self.profile}", hint="run it as the profile's own user"
            ) from None
        if not is_there:
            raise NotFoundError(
                f"there is no profile at {self.profile}", hint="run: ondevice init, or name it with --profile"
            )
        # From here on a secret lies in memory, and this process is an app of its own: nobody else is to read it.
        protect_process()
        return self.source.read()

    def open_vault(self, *, accept_loss: bool = False) -> Vault:
        """Unlock the profile; without the changes that were taken away from it, if that is accepted."""
        from ondevice.vault.vault import Vault

        return Vault.open(self.profile, self.secret(), accept_loss=accept_loss)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileAccess:
    """Which profile a command opens, how, and with which models."""

    OPTIONS: ClassVar[Options] = {**PROFILE, **UNLOCK, **MODELS, **PERSONA}

    unlocking: Unlocking
    use: ModelChoice

    @classmethod
    def from_options(cls, given: Mapping[str, Any]) -> ProfileAccess:
        """Read the shared options of a call."""
        return cls(unlocking=Unlocking.from_options(given), use=ModelChoice.from_options(given))

    def open(self, *, retriever: str | None = None, selector: str | None = None) -> Personalizer:
        """Unlock the profile with its models, which load at first use.

        Args:
            retriever: What the command searches with; where it is no built-in one, a further encoder of that name.
            selector: The bundle of the selector that the command chooses with.

        Raises:
            UsageError: If there is no such retriever.
        """
        from ondevice.personalizer import Personalizer

        further = self.use.further_encoders(retriever)
        vault = self.unlocking.open_vault()
        return Personalizer.over(
            vault,
            models=ModelSet(
                self.use.models,
                encoder=self.use.encoder,
                generator=self.use.generator,
                adapter=self.use.adapter,
                retrievers=further,
                selector=selector,
                persona=self.use.persona,
                publishers=self.use.publishers,
            ),
        )
