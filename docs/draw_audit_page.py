"""Write an audit's page for the documentation, and a picture of it: ``python docs/draw_audit_page.py [CHROMIUM]``.

The report is invented. It needs a Chromium of the system, which takes the picture without a window.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ondevice.privacy import Fact, Finding, Plot, Report, Section, System, Table
from ondevice.privacy.page import page_of

TARGET = Path(__file__).parent / "how-to" / "audit-page.png"
SAMPLE = Path(__file__).parent / "how-to" / "audit-sample.html"
_SIZE = "1000,1180"


def sample() -> Report:
    """Return the invented report."""
    at_rest = Section(
        name="at-rest",
        title="At rest",
        question="Can somebody who copies the disk read anything?",
        findings=(
            Finding(
                code="at-rest/swap",
                level="low",
                text="memory may be written to swap that is not encrypted",
                hint="encrypt the swap, or switch it off",
            ),
        ),
        facts=(
            Fact(name="files", value=9),
            Fact(name="bytes read", value=1_114_112, unit="bytes"),
            Fact(name="cipher", value="AES-256 with HMAC-SHA-512"),
        ),
        not_tested=("blocks that the file system has freed", "backups and copies elsewhere"),
        seconds=1.8,
    )
    leakage = Section(
        name="leakage",
        title="Leakage",
        question="Does the adapter tell which texts it learned from?",
        facts=(Fact(name="area under the curve", value=0.53), Fact(name="texts", value=64)),
        tables=(
            Table(
                title="How many of the learned texts are told from others",
                header=("of", "epsilon", "attack", "area", "from", "to"),
                rows=(
                    ("adapter 1 of 1", 7.99, "loss", 0.55, 0.43, 0.66),
                    ("adapter 1 of 1", 7.99, "calibrated", 0.53, 0.41, 0.64),
                ),
            ),
        ),
        plots=(
            Plot(
                title="Texts that are recognized, against others that are taken for one",
                x_label="taken for one",
                y_label="recognized",
                lines=(
                    ("loss", ((0.0, 0.0), (0.1, 0.14), (0.3, 0.36), (0.6, 0.68), (1.0, 1.0))),
                    ("chance", ((0.0, 0.0), (1.0, 1.0))),
                ),
            ),
        ),
        not_tested=("attacks that nobody has thought of yet",),
        seconds=14.2,
    )
    egress = Section(
        name="egress",
        title="Egress",
        question="Not asked.",
        not_tested=("this check was not chosen",),
        was_run=False,
    )
    return Report(
        profile_id="5f" * 16,
        made_at=datetime(2026, 11, 30, 9, 30, tzinfo=UTC),
        sdk="0.1.0",
        system=System(python="3.12.3", os="Linux 6.8", machine="x86_64"),
        deep=False,
        sections=(at_rest, egress, leakage),
        public_key="8d" * 32,
        signature="00" * 64,
    )


def main() -> None:
    """Write the page and the picture."""
    browser = sys.argv[1] if len(sys.argv) > 1 else "chromium"
    SAMPLE.write_text(page_of(sample()), "utf-8")
    with TemporaryDirectory() as folder:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/user"]
        subprocess.run(  # noqa: S603 - the caller names the program
            [browser, *options, f"--window-size={_SIZE}", f"--screenshot={TARGET}", SAMPLE.as_uri()],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main()
