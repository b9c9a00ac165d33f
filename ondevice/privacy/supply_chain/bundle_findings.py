"""What is wrong with the bundles of a models' folder, and how much it matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ondevice.privacy.findings import Finding, Table
from ondevice.privacy.supply_chain.bundles import Looked
from ondevice.privacy.supply_chain.homes import Home
from ondevice.privacy.supply_chain.licences import licence_of
from ondevice.safety.printable import one_line

_AGAIN = "fetch or install the model again, from its publisher"
_MAX_SHOWN = 80


def home_findings(home: Home) -> Iterator[Finding]:
    """Give what is wrong with a model's folder itself."""
    if home.problem is not None:
        yield Finding(
            code="supply-chain/model-pointer",
            level="high" if home.is_used else "medium",
            text=f"of the model {home.name!r} it cannot be told which version is in use: {home.problem}",
            hint="install the model again with: ondevice bundle install",
        )
    if home.links:
        yield Finding(
            code="supply-chain/model-elsewhere",
            level="medium",
            text=f"the folder of the model {home.name!r} has {_count(len(home.links), 'link')} that"
            f" {'leads' if len(home.links) == 1 else 'lead'} out of the models' folder",
            hint="put the model's own files in place of the link, or find out who made it",
        )
    if (versions := home.newer_than_current()) is not None:
        yield Finding(
            code="supply-chain/older-model",
            level="note",
            text=f"the model {home.name!r} is used in version {_shown(versions[0])},"
            f" and the newer {_shown(versions[1])} lies beside it",
            hint="expected after: ondevice bundle rollback",
        )
    if home.n_loose:
        yield _unlisted(f"the folder of the model {home.name!r}", home.n_loose)


def bundle_findings(looked: Looked, *, is_pinned: bool) -> Iterator[Finding]:
    """Give what is wrong with one bundle.

    Args:
        looked: The bundle.
        is_pinned: Whether the app asks for a publisher's signature.
    """
    name = f"the model {looked.place.shown}" + ("" if looked.place.is_used else ", which is not in use,")
    if looked.problem is not None:
        yield Finding(
            code="supply-chain/manifest-unreadable",
            level="high",
            text=f"{name} does not say what it should be: {looked.problem}",
            hint=_AGAIN,
        )
    if looked.changed:
        yield Finding(
            code="supply-chain/model-changed",
            level="high",
            text=f"{name} is not what its manifest describes: {_count(len(looked.changed), 'file')} missing or of other"
            f" bytes ({', '.join(looked.changed)})",
            hint=_AGAIN,
        )
    if looked.is_misplaced:
        yield Finding(
            code="supply-chain/version-swapped",
            level="high",
            text=f"{name} lies in a folder that is named after another manifest",
            hint=_AGAIN,
        )
    yield from _signature_findings(looked, name, is_pinned=is_pinned)
    if looked.is_renamed:
        yield Finding(
            code="supply-chain/model-renamed",
            level="medium",
            text=f"{name} is another model by its own manifest: {_own_name(looked)!r}",
            hint="put the model in the folder of its own name",
        )
    if looked.n_unlisted:
        yield _unlisted(f"the folder of {name}", looked.n_unlisted)
    yield from _licence_findings(looked, name)


def _signature_findings(looked: Looked, name: str, *, is_pinned: bool) -> Iterator[Finding]:
    if looked.signed == "broken":
        yield Finding(
            code="supply-chain/signature-broken",
            level="high",
            text=f"{name} has a signature that does not fit its manifest: one of them was changed",
            hint=_AGAIN,
        )
    elif looked.signed == "unknown publisher" and is_pinned:
        yield Finding(
            code="supply-chain/publisher-unknown",
            level="high",
            text=f"{name} is signed by {looked.signer}, which is none of the publishers trusted here",
            hint="get it from a trusted publisher; the SDK refuses to open it",
        )
    elif looked.signed == "unsigned" and is_pinned:
        yield Finding(
            code="supply-chain/unsigned",
            level="medium",
            text=f"{name} is not signed, although only models of trusted publishers may run",
            hint="get it from a trusted publisher; the SDK refuses to open it",
        )


def unpinned_finding(bundles: Sequence[Looked]) -> Iterator[Finding]:
    """Give the note that no publisher is asked for, where there are bundles at all."""
    if bundles:
        n_unsigned = sum(looked.signed == "unsigned" for looked in bundles)
        yield Finding(
            code="supply-chain/no-publisher",
            level="note",
            text="no publisher is trusted by name, so a model that was replaced together with its manifest is not"
            f" noticed; {n_unsigned} of {_count(len(bundles), 'model')} "
            f"{'is' if n_unsigned == 1 else 'are'} not signed",
            hint="pin the publishers: ModelSet(publishers=…), --publisher",
        )


def missing_finding(name: str) -> Finding:
    """Return the note that a model could not be looked at, because it is not there."""
    return Finding(
        code="supply-chain/model-missing",
        level="note",
        text=f"the model {_shown(name)!r} is asked for and is not in the models' folder, so it was not looked at",
        hint="name the models that serve the profile, and their folder",
    )


def model_table(bundles: Sequence[Looked]) -> Table:
    """Return one row for each bundle."""
    return Table(
        title="Models",
        header=("model", "version", "kind", "in use", "files", "signature", "licence", "source", "id"),
        rows=tuple(_model_row(looked) for looked in bundles),
    )


def gate_table(bundles: Sequence[Looked]) -> Table:
    """Return what the export gates of the bundles measured."""
    return Table(
        title="What the models' gates measured before they were published",
        header=("model", "measure", "value", "bound", "data", "n", "processor"),
        rows=tuple(
            (looked.place.name, _shown(one.measure), one.value, one.bound, _shown(one.data), one.n, _shown(one.cpu))
            for looked in bundles
            if looked.manifest is not None
            for one in looked.manifest.gate
        ),
    )


def _model_row(looked: Looked) -> tuple[str | bool | None, ...]:
    manifest, in_use = looked.manifest, looked.place.is_used
    signature = looked.signed if looked.signer is None else f"{looked.signed}, {looked.signer}"
    files = "as described" if manifest is not None and not looked.changed else "not as described"
    if manifest is None:
        return looked.place.shown.strip("'"), None, None, in_use, files, signature, None, None, None
    return (
        looked.place.name,
        _shown(manifest.version),
        manifest.kind,
        in_use,
        files,
        signature,
        licence_of(manifest.license).shown,
        _shown(manifest.source),
        manifest.id,
    )


def _licence_findings(looked: Looked, name: str) -> Iterator[Finding]:
    if looked.manifest is None:
        return
    licence = licence_of(looked.manifest.license)
    if licence.standing != "permissive":
        said = "states no licence" if not licence.stated else f"is under {licence.shown!r}"
        yield Finding(
            code="supply-chain/model-licence",
            level="low",
            text=f"{name} {said}, which is not known to be permissive",
            hint="read the licence before you give the model to others",
        )


def _unlisted(where: str, count: int) -> Finding:
    return Finding(
        code="supply-chain/unlisted-model-files",
        level="note",
        text=f"{where} holds {_count(count, 'file')} that no manifest names; the SDK reads none of them",
        hint="compare the folder with its manifest.json, and remove what you did not put there",
    )


def _own_name(looked: Looked) -> str:
    return "" if looked.manifest is None else looked.manifest.name


def _shown(text: str) -> str:
    return one_line(text)[:_MAX_SHOWN]


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
