"""A bill of materials (SBOM) in the CycloneDX format: packages, their machine code, and models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ondevice.bundle.manifest import Manifest
from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.supply_chain.bundles import Looked, look_at
from ondevice.privacy.supply_chain.distributions import ROOT, Dependencies, Installed, find_dependencies
from ondevice.privacy.supply_chain.homes import find_homes
from ondevice.privacy.supply_chain.licences import Licence, licence_of
from ondevice.privacy.supply_chain.records import Verified, named_files, verify
from ondevice.safety.printable import one_line

if TYPE_CHECKING:
    from cyclonedx.model import Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, Pedigree

SPEC_VERSION = "1.6"
_PREFIX = "ondevice:"


def sbom(models: ModelSet | None = None, *, path: Sequence[str] | None = None, at: datetime | None = None) -> str:
    """Return the bill of materials of the SDK as it is installed, and of the models in use.

    The same packages and models give the same bytes: it has no serial number, and no time but the one that is asked
    for. It names no folder of this machine.

    Args:
        models: Which models; the default ones without it.
        path: Where packages are looked for; Python's own path by default.
        at: The time to write into it, with its zone.

    Raises:
        ImportError: If the extra ``audit`` is not installed.
        ValueError: If the time has no zone.
        StorageError: If the models' folder cannot be read.
    """
    if at is not None and at.tzinfo is None:
        raise ValueError("the time of a bill of materials needs its zone, as in datetime.now(UTC)")
    try:
        from cyclonedx.output import make_outputter
        from cyclonedx.schema import OutputFormat, SchemaVersion
    except ImportError:
        raise ImportError(
            "a bill of materials needs the extra 'audit': run: pip install 'ondevice-sdk[audit]'"
        ) from None

    model_set = models or ModelSet()
    places = (place for home in find_homes(model_set) for place in home.places if place.is_used)
    bundles = [look_at(place, model_set.publishers) for place in places]
    bom = _bom(find_dependencies(path), bundles, at)
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.from_version(SPEC_VERSION))
    document: dict[str, Any] = json.loads(outputter.output_as_string())
    # The library writes both anew each time.
    document.pop("serialNumber", None)
    if at is None:
        document.get("metadata", {}).pop("timestamp", None)
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _bom(dependencies: Dependencies, bundles: Sequence[Looked], at: datetime | None) -> Bom:
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType

    named = named_files(dependencies.every)
    packages = {one.name: _package(one, verify(one, named)) for one in dependencies.needed}
    models = [_model(looked, looked.manifest) for looked in bundles if looked.manifest is not None]
    root = packages.get(ROOT) or Component(type=ComponentType.LIBRARY, name=ROOT, bom_ref=ROOT)
    bom = Bom(metadata=BomMetaData(component=root, timestamp=at))
    for component in (*(one for name, one in packages.items() if name != ROOT), *models):
        bom.components.add(component)
    for one in dependencies.needed:
        also = models if one.name == ROOT else []
        bom.register_dependency(packages[one.name], [*(packages[name] for name in one.needs), *also])
    for model in models:
        bom.register_dependency(model)
    return bom


def _package(one: Installed, verified: Verified) -> Component:
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    files = [
        _file(f"{one.name}/{native.path}", one_line(native.path), native.sha256, native.bytes)
        for native in verified.natives
        if not native.path.startswith(("/", "\\"))
    ]
    return Component(
        type=ComponentType.LIBRARY,
        name=one.name,
        version=one.version,
        bom_ref=f"{one.name}=={one.version}",
        purl=PackageURL(type="pypi", name=one.name, version=one.version),
        licenses=_licences(one.licence),
        components=files,
        properties=_properties(
            origin=one.origin,
            files_compared=verified.n_files if verified.has_record else None,
            files_changed=len(verified.changed) if verified.has_record else None,
        ),
    )


def _model(looked: Looked, manifest: Manifest) -> Component:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
    from cyclonedx.model.component import Component, ComponentType

    source = one_line(manifest.source)
    is_address = source.startswith(("https://", "http://")) and not any(
        character in source for character in ' <>"{}|\\^`'
    )
    references = [ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(source))] if is_address else []
    trained = manifest.adapter or manifest.persona
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=manifest.name,
        version=one_line(manifest.version),
        bom_ref=f"model:{manifest.id}",
        licenses=_licences(licence_of(manifest.license)),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=manifest.files["model"].sha256)],
        external_references=references,
        pedigree=_pedigree(manifest),
        components=[
            _file(f"model:{manifest.id}/{entry.path}", one_line(entry.path), entry.sha256, entry.bytes)
            for entry in manifest.files.values()
        ],
        properties=[
            *_properties(
                kind=manifest.kind,
                source=source,
                recipe=manifest.recipe,
                paper=manifest.paper,
                training_data=manifest.training_data,
                is_as_described=looked.is_whole,
                signature=looked.signed,
                signer=looked.signer,
            ),
            *(_property("base-sha256", sha256) for sha256 in (trained.bases if trained else ())),
            *(_property(f"gate:{one.measure}", one.value) for one in manifest.gate),
        ],
    )


def _pedigree(manifest: Manifest) -> Pedigree | None:
    """Return what a model was made of: its base model, by name, and the files it was converted from."""
    from cyclonedx.model.component import Component, ComponentType, Pedigree

    made_from = [
        _file(f"model:{manifest.id}/from/{name}", one_line(name), sha) for name, sha in manifest.made_from.items()
    ]
    base = manifest.generator.base if manifest.generator is not None else None
    if base is None:
        return Pedigree(ancestors=made_from) if made_from else None
    ancestor = Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=one_line(base),
        bom_ref=f"model:{manifest.id}/base",
        components=made_from,
    )
    return Pedigree(ancestors=[ancestor])


def _file(ref: str, name: str, sha256: str, size: int | None = None) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType

    return Component(
        type=ComponentType.FILE,
        name=name,
        bom_ref=ref,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
        properties=_properties(bytes=size),
    )


def _licences(licence: Licence) -> list[Any]:
    """Return a licence as CycloneDX has it: an id of SPDX's, an expression of them, or a name."""
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
    from cyclonedx.spdx import is_supported_id

    if licence.spdx is None:
        return [DisjunctiveLicense(name=licence.stated)] if licence.stated else []
    if is_supported_id(licence.spdx):
        return [DisjunctiveLicense(id=licence.spdx)]
    return [LicenseExpression(licence.spdx)]


def _properties(**values: str | float | bool | None) -> list[Property]:
    return [_property(name.replace("_", "-"), value) for name, value in values.items() if value is not None]


def _property(name: str, value: str | float | bool) -> Property:
    from cyclonedx.model import Property

    return Property(
        name=_PREFIX + one_line(name), value=one_line(value if isinstance(value, str) else json.dumps(value))
    )
