"""``ondevice-export keygen | publish | inspect``: the publisher's key, the archive, and a look into one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from export.cli.options import (
    BoundOption,
    JsonOption,
    PaperOption,
    PassphraseFileOption,
    PublisherOption,
    TrainingDataOption,
    parse_bounds,
)
from export.cli.secrets_in import read_passphrase
from export.cli.terminal import Terminal
from export.cli.views import files_table, gate_table
from ondevice.errors import SignatureError


def keygen(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The private key's file; must be new.")],
    passphrase_file: PassphraseFileOption = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Write the private key readable, without a passphrase.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a publisher's key pair: FILE is secret and stays under a passphrase, FILE.pub is for the apps.

    Whoever has the secret file and its passphrase can publish models that apps trust. Keep a copy off this machine.
    """
    if unencrypted and passphrase_file is not None:
        raise typer.BadParameter("use one of --passphrase-file and --unencrypted")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.publishing.keys import PUBLIC_SUFFIX
        from export.publishing.keys import keygen as make

        passphrase = None if unencrypted else read_passphrase(passphrase_file, is_new=True)
        public = make(path, passphrase=passphrase, unencrypted=unencrypted)
        document = {
            "key": path,
            "public": path.with_name(path.name + PUBLIC_SUFFIX),
            "publisher": public.text,
            "fingerprint": public.fingerprint,
        }
        terminal.result(document, public.text, f"fingerprint {public.fingerprint}, in {document['public']}")


def publish(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The bundle's folder.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The publisher's private key.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder of archives.")] = Path(),
    passphrase_file: PassphraseFileOption = None,
    bound: BoundOption = None,
    origin: Annotated[
        str | None, typer.Option("--origin", metavar="TEXT", help="Where the weights come from, in one line.")
    ] = None,
    training_data: TrainingDataOption = None,
    paper: PaperOption = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="DIR", help="Take the licence's text from this folder.")
    ] = None,
    license_file: Annotated[
        Path | None, typer.Option("--license-file", metavar="FILE", help="The licence's text itself.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a measured bundle and write NAME-VERSION.ondevice; the same input gives the same bytes.

    Every file is compared with the manifest and every gate result with its bound; what nobody measured is refused.
    """
    from export.gate.bounds import Bounds

    bounds = parse_bounds(bound, Bounds())
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.publishing import Notes, load_private_key, needs_passphrase
        from export.publishing import publish as release

        passphrase = read_passphrase(passphrase_file, is_new=False) if needs_passphrase(key) else None
        notes = Notes(origin=origin, training_data=training_data, paper=paper, license_file=license_file, source=source)
        signing_key = load_private_key(key, passphrase)
        with terminal.progress(bundle.name) as on_progress:
            made = release(bundle, out, key=signing_key, bounds=bounds, notes=notes, on_progress=on_progress)
        document = {
            "archive": made.archive,
            "sha256": made.sha256,
            "bytes": made.bytes,
            "id": made.manifest.id,
            "version": made.manifest.version,
            "publisher": signing_key.publisher.text,
            "fingerprint": made.fingerprint,
            "has_license_text": made.has_license_text,
        }
        terminal.result(
            document, f"{made.archive}: {made.bytes / 1e6:,.1f} MB, signed by {made.fingerprint}", made.sha256
        )


def inspect(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An archive, or a bundle's folder.")],
    publisher: PublisherOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare every byte of an archive or a folder with its manifest, and say what it holds and who signed it.

    The model is not run. With --publisher, a bundle that none of the keys signed makes the command fail.
    """
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.publishing import inspect as describe
        from export.publishing import read_publisher_key

        keys = [read_publisher_key(text) for text in publisher or ()]
        with terminal.progress(path.name) as on_progress:
            found = describe(path, publishers=keys, on_progress=on_progress)
        signature = {
            "verdict": found.verdict,
            "publisher": found.publisher.text if found.publisher else None,
            "fingerprint": found.publisher.fingerprint if found.publisher else None,
            "reason": found.reason,
        }
        document: dict[str, Any] = {
            "path": path,
            "is_archive": found.is_archive,
            "id": found.manifest.id,
            "bytes": found.bytes,
            "signature": signature,
            "manifest": found.manifest.to_json(),
        }
        by = f" by {found.publisher.fingerprint}" if found.publisher else ""
        facts = {
            "kind": found.manifest.kind,
            "id": found.manifest.id,
            "version": found.manifest.version,
            "licence": found.manifest.license,
            "source": found.manifest.source,
            "recipe": found.manifest.recipe,
            "training data": found.manifest.training_data,
            "paper": found.manifest.paper,
            "size": f"{found.bytes / 1e6:,.1f} MB in {len(found.manifest.files)} files, every byte compared",
            "signature": f"{found.verdict}{by}{f': {found.reason}' if found.reason else ''}",
        }
        views: list[RenderableType] = [f"{name}: {value}" for name, value in facts.items() if value is not None]
        tables = [files_table(found.manifest), *([gate_table(found.manifest.gate)] if found.manifest.gate else [])]
        terminal.result(document, *views, *tables)
        if found.verdict == "refused":
            raise typer.Exit(SignatureError.exit_code)
