"""``ondevice destroy``: end a profile for good."""

from __future__ import annotations

import typer

from ondevice.cli.access import ProfilePlace
from ondevice.cli.forget import YesOption
from ondevice.cli.output import Output
from ondevice.errors import NotFoundError
from ondevice.safety.printable import one_line


def destroy(output: Output, place: ProfilePlace, yes: YesOption = False) -> None:
    """Erase a whole profile: its key slots first, so that what a disk may keep of the rest stays unreadable.

    Backups and exports elsewhere are not touched. No secret is asked for: whoever may delete the files may do this.
    """
    from ondevice.vault.vault import Vault

    if not place.profile.is_dir():
        raise NotFoundError(f"there is no profile at {place.profile}")
    if not yes:
        typer.confirm(f"Destroy the profile at {one_line(str(place.profile))} for good?", abort=True, err=True)
    Vault.destroy(place.profile)
    output.result({"destroyed": str(place.profile)}, f"destroyed: {place.profile}")
