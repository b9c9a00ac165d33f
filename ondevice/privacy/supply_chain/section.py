"""The check of the supply chain: the models that serve the profile, and the packages that the SDK runs on."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ondevice.bundle.model_set import ModelSet
from ondevice.errors import StorageError
from ondevice.privacy.findings import Fact, Finding, Section
from ondevice.privacy.subject import Subject
from ondevice.privacy.supply_chain.advisories import Advisories, read_advisories
from ondevice.privacy.supply_chain.bundle_findings import (
    bundle_findings,
    gate_table,
    home_findings,
    missing_finding,
    model_table,
    unpinned_finding,
)
from ondevice.privacy.supply_chain.bundles import Looked, look_at
from ondevice.privacy.supply_chain.distributions import Dependencies, find_dependencies
from ondevice.privacy.supply_chain.homes import Home, find_homes, used_names
from ondevice.privacy.supply_chain.interpreter import python_version, support_ends
from ondevice.privacy.supply_chain.package_findings import (
    advisory_findings,
    environment_findings,
    licence_findings,
    native_table,
    package_table,
    python_findings,
    record_findings,
    shadow_finding,
)
from ondevice.privacy.supply_chain.records import Verified, named_files, shadowed, startup_files, verify
from ondevice.signals import Progress

NAME = "supply-chain"
_LIMITS = (
    "whether a publisher may be trusted, and what is in its models: bytes and signatures are compared, not judged",
    "whether an older model of the same publisher was put in a newer one's place",
    "files that lie in the models' folder beside the models",
    "whoever changes a package's file and its line in the record as well: a record is not signed",
    "bytecode that Python keeps beside the sources, and modules that are in memory already",
    "Python itself, its standard library, the operating system and its drivers",
    "libraries inside others' machine code, such as OpenSSL and SQLCipher: they have no version of their own here",
    "whether the packages were installed from hashes that were pinned beforehand: no installer writes that down",
    "packages of the app and of the environment that the SDK does not ask for",
)


def check(
    subject: Subject,
    *,
    path: Sequence[str] | None = None,
    today: date | None = None,
) -> Section:
    """Look at what the SDK is made of.

    Models: every bundle in the models' folder is read whole, installed versions that are not in use too. Sizes and
    SHA-256 are compared with the manifest, the signature with the manifest and with the publishers that the model set
    trusts, the folder's name with the model's own, and ``current`` and the versions' folders with what they should be.

    Packages: from the SDK's own distribution on, every requirement that is installed here, with the extras that users
    install. Each file is compared with the record that the installer wrote, files that no record names are counted,
    and it is looked whether an import would take other code. Versions are compared with the advisories of the OSV
    format that ``subject.advisories`` names; nothing is fetched.

    Codes, all after ``supply-chain/``:

    - high: ``model-changed``, ``manifest-unreadable``, ``signature-broken``, ``version-swapped``,
      ``publisher-unknown`` (where publishers are pinned), ``model-pointer`` (of a model in use), ``malicious``
    - medium: ``unsigned`` (where publishers are pinned), ``model-renamed``, ``model-elsewhere``, ``package-changed``,
      ``shadowed``, ``vulnerable``, ``model-pointer`` (of another)
    - low: ``model-licence``, ``no-record``, ``package-unhashed``, ``package-incomplete``, ``package-extended``,
      ``startup-code``, ``unmet-requirement``, ``python-ended``
    - note: ``no-publisher``, ``model-missing``, ``older-model``, ``unlisted-model-files``, ``editable``,
      ``not-installed``, ``advisories-unreadable``, ``copyleft-licence``, ``weak-copyleft-licence``,
      ``licence-unknown``, ``models-unreadable``

    Args:
        subject: What is audited. The profile itself is not looked at, only the models that serve it.
        path: Where packages are looked for; Python's own path by default.
        today: The day; the clock's by default.
    """
    homes, trouble = _homes(subject.models)
    dependencies = find_dependencies(path)
    n_steps = sum(len(home.places) for home in homes) + len(dependencies.needed)
    steps = _Steps(subject.on_progress, n_steps)
    bundles = _look_at_all(homes, subject.models, steps)
    named = named_files(dependencies.every)
    files = _verify_all(dependencies, named, steps)
    known = None if subject.advisories is None else read_advisories(subject.advisories)
    ends, day = support_ends(sys.version_info.minor), today or date.today()
    findings = [
        *trouble,
        *_model_findings(homes, bundles, subject.models),
        *_package_findings(dependencies, files, named, path),
        *(() if known is None else advisory_findings(dependencies.needed, known)),
        *licence_findings(dependencies.needed),
        *python_findings(python_version(), ends, day),
    ]
    return Section(
        name=NAME,
        title="Supply chain",
        question="Are the models and the packages that the app runs on those that were published?",
        findings=tuple(findings),
        facts=_facts(bundles, dependencies, files, known, ends),
        tables=(
            model_table(bundles),
            gate_table(bundles),
            package_table(dependencies.needed, files),
            native_table(files),
        ),
        not_tested=tuple(_not_tested(bundles, known)),
    )


@dataclass(slots=True)
class _Steps:
    tell: Progress
    total: int
    done: int = 0

    def one(self) -> None:
        self.done += 1
        self.tell(self.done, self.total)


def _homes(models: ModelSet) -> tuple[tuple[Home, ...], list[Finding]]:
    try:
        return find_homes(models), []
    except StorageError as error:
        return (), [
            Finding(
                code="supply-chain/models-unreadable",
                level="note",
                text=error.message,
                hint="run the audit as the user who runs the app",
            )
        ]


def _look_at_all(homes: Sequence[Home], models: ModelSet, steps: _Steps) -> list[Looked]:
    bundles = []
    for place in (place for home in homes for place in home.places):
        bundles.append(look_at(place, models.publishers))
        steps.one()
    return bundles


def _verify_all(dependencies: Dependencies, named: frozenset[str], steps: _Steps) -> dict[str, Verified]:
    files = {}
    for one in dependencies.needed:
        files[one.name] = verify(one, named)
        steps.one()
    return files


def _model_findings(homes: Sequence[Home], bundles: Sequence[Looked], models: ModelSet) -> Iterator[Finding]:
    is_pinned = models.publishers is not None
    for home in homes:
        yield from home_findings(home)
    for looked in bundles:
        yield from bundle_findings(looked, is_pinned=is_pinned)
    if not is_pinned:
        yield from unpinned_finding(bundles)
    there = {home.name for home in homes if home.is_used}
    yield from (missing_finding(name) for name in used_names(models) if name not in there)


def _package_findings(
    dependencies: Dependencies, files: dict[str, Verified], named: frozenset[str], path: Sequence[str] | None
) -> Iterator[Finding]:
    for one in dependencies.needed:
        yield from record_findings(one, files[one.name])
        if modules := shadowed(one, path):
            yield shadow_finding(one, modules)
    standard_library = Path(sysconfig.get_path("stdlib"))
    startup = startup_files(sys.path if path is None else path, named, standard_library)
    yield from environment_findings(dependencies, startup)


def _facts(
    bundles: Sequence[Looked],
    dependencies: Dependencies,
    files: dict[str, Verified],
    known: Advisories | None,
    ends: date,
) -> tuple[Fact, ...]:
    facts = [
        Fact(name="models looked at", value=len(bundles)),
        Fact(name="models in use", value=sum(looked.place.is_used for looked in bundles)),
        Fact(name="read of models", value=sum(looked.n_bytes for looked in bundles), unit="bytes"),
        Fact(name="packages looked at", value=len(dependencies.needed)),
        Fact(
            name="packages from elsewhere than an index",
            value=sum(one.origin != "index" for one in dependencies.needed),
        ),
        Fact(name="extras installed", value=", ".join(dependencies.extras) or "none"),
        Fact(name="package files compared", value=sum(one.n_files for one in files.values())),
        Fact(name="libraries of machine code", value=sum(len(one.natives) for one in files.values())),
        Fact(name="bill of materials", value=_bill_of(dependencies)),
        Fact(name="Python", value=python_version()),
        Fact(name="Python gets security fixes until", value=f"{ends:%Y-%m}"),
    ]
    if known is not None:
        facts += [Fact(name="advisories read", value=known.n_read), Fact(name="newest advisory", value=known.newest)]
    return tuple(facts)


def _bill_of(dependencies: Dependencies) -> str:
    return (
        "can be written"
        if dependencies.can_write_bill
        else "needs the extra 'audit': pip install 'ondevice-sdk[audit]'"
    )


def _not_tested(bundles: Sequence[Looked], known: Advisories | None) -> Iterator[str]:
    yield from _LIMITS
    if known is None:
        yield "known vulnerabilities: no advisories were given, and nothing is fetched"
    else:
        yield "vulnerabilities that the given advisories do not name, or that are newer than these"
    n_ungated = sum(looked.manifest is not None and not looked.manifest.gate for looked in bundles)
    if n_ungated:
        yield f"what {n_ungated:,} of {len(bundles):,} models do: their manifests hold no figures of a gate"
