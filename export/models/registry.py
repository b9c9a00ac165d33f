"""The models this release knows: every file pinned by SHA-256 and size, with the places that hold it.

``registry.json`` beside this module is data; loading it checks every field, so that a wrong edit fails
in the tests and not at a user's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from export.models.fields import Fields
from export.quantization import Quantization
from ondevice.bundle import EncoderSpec, GeneratorSpec, Pooling
from ondevice.bundle.sections import parse_support
from ondevice.errors import NotFoundError
from ondevice.safety.strict_json import parse_json

Kind = Literal["encoder", "generator", "weights"]
"""What a model is for: a bundle the device loads, or bare ``weights`` for those who train and convert."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HubSource:
    """A file of a repository on the model hub, at a commit that cannot change."""

    repo: str
    revision: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A wheel on the package index, used as a container and never installed."""

    package: str
    version: str
    sha256: str
    bytes: int

    @property
    def requirement(self) -> str:
        """The exact requirement, as pip writes it."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePart:
    """One file inside a wheel."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSource:
    """Files inside wheels that, put one after the other, are the file, or a zip that holds it at ``inside``."""

    parts: tuple[FilePart, ...]
    inside: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageSource:
    """A file that this package brings along, by its path beside this module."""

    path: str


Source = HubSource | IndexSource | PackageSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivation:
    """A file that is not fetched but made here, from one that is.

    Args:
        sha256: What the file that is fetched must be.
        bytes: Its size.
        quantization: How llama.cpp then quantizes it.
    """

    sha256: str
    bytes: int
    quantization: Quantization


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredFile:
    """One file of a model: where it goes in the folder, what it must be, and who has it.

    For a derived file, ``sources`` have the file that it is made from; ``sha256`` and ``bytes`` are those of the
    result.
    """

    role: str
    path: str
    sha256: str
    bytes: int
    sources: tuple[Source, ...]
    derivation: Derivation | None = None

    @property
    def fetched(self) -> RegisteredFile:
        """What has to be fetched: the file itself, or the one it is made from."""
        if self.derivation is None:
            return self
        return replace(self, sha256=self.derivation.sha256, bytes=self.derivation.bytes, derivation=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredModel:
    """A model of the registry."""

    name: str
    kind: Kind
    version: str
    title: str
    license: str
    origin: str
    files: tuple[RegisteredFile, ...]
    encoder: EncoderSpec | None = None
    generator: GeneratorSpec | None = None

    @property
    def bytes(self) -> int:
        """The size of all its files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, kw_only=True, slots=True)
class Registry:
    """All models by name, and the names a plain ``fetch`` takes."""

    models: Mapping[str, RegisteredModel]
    defaults: tuple[str, ...]

    def get(self, name: str) -> RegisteredModel:
        """Return the model of that name.

        Raises:
            NotFoundError: If the registry has none.
        """
        model = self.models.get(name)
        if model is None:
            raise NotFoundError(f"the registry has no model {name!r}", hint=f"it has: {', '.join(self.models)}")
        return model


@cache
def load_registry() -> Registry:
    """Read the registry this release ships."""
    return parse_registry(parse_json(files("export.models").joinpath("registry.json").read_text("utf-8")))


def parse_registry(value: object) -> Registry:
    """Build a registry from its JSON form.

    Raises:
        ValueError: If a field is missing, unknown or ill-typed, or names something that is not there.
    """
    top = Fields(value, "the registry")
    if top.take("format", int) != 1:
        raise ValueError("the registry has a format other than 1")
    wheels = {spec: _wheel(spec, entry) for spec, entry in top.take("wheels", dict).items()}
    models = {name: _model(name, entry, wheels) for name, entry in top.take("models", dict).items()}
    defaults = tuple(top.take("defaults", list))
    top.end()
    if missing := [name for name in defaults if name not in models]:
        raise ValueError(f"the registry's defaults name {missing[0]!r}, which it does not have")
    return Registry(models=models, defaults=defaults)


def _wheel(spec: str, value: object) -> Wheel:
    entry = Fields(value, f"the wheel {spec!r}")
    package, _, version = spec.partition("==")
    wheel = Wheel(package=package, version=version, sha256=entry.take_sha256(), bytes=entry.take("bytes", int))
    entry.end()
    if not version:
        raise ValueError(f"the wheel {spec!r} names no exact version")
    return wheel


def _model(name: str, value: object, wheels: Mapping[str, Wheel]) -> RegisteredModel:
    entry = Fields(value, f"the model {name!r}")
    kind = entry.take("kind", str)
    if kind not in get_args(Kind):
        raise ValueError(f"the model {name!r} has the unknown kind {kind!r}")
    model = RegisteredModel(
        name=name,
        kind=cast("Kind", kind),
        version=entry.take("version", str),
        title=entry.take("title", str),
        license=entry.take("license", str),
        origin=entry.take("origin", str),
        files=tuple(_file(role, item, wheels) for role, item in entry.take("files", dict).items()),
        encoder=_encoder(entry.take("encoder", dict)) if kind == "encoder" else None,
        generator=_generator(entry.take("generator", dict)) if kind == "generator" else None,
    )
    entry.end()
    return model


def _encoder(value: dict[str, Any]) -> EncoderSpec:
    entry = Fields(value, "the section 'encoder'")
    pooling = entry.take("pooling", str)
    if pooling not in get_args(Pooling):
        raise ValueError(f"an encoder has the unknown pooling {pooling!r}")
    spec = EncoderSpec(
        dim=entry.take("dim", int),
        pooling=cast("Pooling", pooling),
        is_normalized=entry.take("is_normalized", bool),
        max_tokens=entry.take("max_tokens", int),
        query_prefix=entry.take("query_prefix", str),
        passage_prefix=entry.take("passage_prefix", str),
        unrelated=entry.take_number("unrelated") if entry.has("unrelated") else 0.0,
    )
    entry.end()
    return spec


def _generator(value: dict[str, Any]) -> GeneratorSpec:
    entry = Fields(value, "the section 'generator'")
    support = entry.take_optional("support", dict)
    spec = GeneratorSpec(
        context_tokens=entry.take("context_tokens", int),
        base=entry.take("base", str),
        reads_notes=entry.take_optional("reads_notes", bool) is True,
        support=None if support is None else parse_support(support),
        prompt_tokens=entry.take_optional("prompt_tokens", int),
    )
    entry.end()
    return spec


def _file(role: str, value: object, wheels: Mapping[str, Wheel]) -> RegisteredFile:
    entry = Fields(value, f"the file {role!r}")
    sources = tuple(_source(item, wheels) for item in entry.take("sources", list))
    file = RegisteredFile(
        role=role,
        path=entry.take_path("path"),
        sha256=entry.take_sha256(),
        bytes=entry.take("bytes", int),
        sources=sources,
        derivation=_derivation(entry.take("derived", dict)) if entry.has("derived") else None,
    )
    entry.end()
    if not sources:
        raise ValueError(f"the file {role!r} has no source")
    return file


def _derivation(value: dict[str, Any]) -> Derivation:
    entry = Fields(value, "a derivation")
    recipe = Fields(entry.take("quantization", dict), "a quantization")
    quantization = Quantization(
        name=recipe.take("name", str),
        mixture=recipe.take("mixture", str),
        tensors=tuple(recipe.take("tensors", dict).items()),
    )
    recipe.end()
    derivation = Derivation(sha256=entry.take_sha256(), bytes=entry.take("bytes", int), quantization=quantization)
    entry.end()
    return derivation


def _source(value: object, wheels: Mapping[str, Wheel]) -> Source:
    outer = Fields(value, "a source")
    if outer.has("hub"):
        hub = Fields(outer.take("hub", dict), "a hub source")
        source: Source = HubSource(
            repo=hub.take("repo", str), revision=hub.take("revision", str), path=hub.take_path("path")
        )
        hub.end()
    elif outer.has("package"):
        package = Fields(outer.take("package", dict), "a package source")
        source = PackageSource(path=package.take_path("path"))
        package.end()
    else:
        index = Fields(outer.take("index", dict), "an index source")
        parts = tuple(_part(item, wheels) for item in index.take("parts", list))
        source = IndexSource(parts=parts, inside=index.take("inside", str) if index.has("inside") else None)
        index.end()
    outer.end()
    return source


def _part(value: object, wheels: Mapping[str, Wheel]) -> FilePart:
    entry = Fields(value, "a part")
    spec = entry.take("wheel", str)
    if spec not in wheels:
        raise ValueError(f"a part names the wheel {spec!r}, which the registry does not have")
    part = FilePart(wheel=wheels[spec], member=entry.take("member", str))
    entry.end()
    return part
