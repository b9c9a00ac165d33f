"""The report as one self-contained HTML page, for a reader who knows nothing of the software.

It has no script and loads nothing. Every text of the report is escaped, and the page's own policy forbids a browser
whatever an error of ours would let through.
"""

from __future__ import annotations

from itertools import count

from ondevice.privacy.markup import element, listed, shown, table
from ondevice.privacy.page_seal import about
from ondevice.privacy.page_sections import badge, limits_id, section_part, tone
from ondevice.privacy.report import Report, digest_of
from ondevice.privacy.style import CSS, POLICY
from ondevice.privacy.summary import LIMIT, counts_of, headline_of

_TITLE = "Privacy audit of a profile"


def page_of(report: Report) -> str:
    """Return the page, not signed yet."""
    plot_numbers = count(1)
    parts = "".join(section_part(section, n, plot_numbers) for n, section in enumerate(report.sections, 1))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{about(report)}\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{_TITLE}</title>\n<style>{CSS}</style>\n</head>\n'
        f'<body>\n{_header(report)}\n<main id="results">\n{_overview(report)}\n'
        f"{parts}{_limits(report)}\n{_verifying(report)}\n</main>\n{_footer(report)}\n</body>\n</html>\n"
    )


def _header(report: Report) -> str:
    outcome = element(
        "div",
        element("p", f"{badge(report.verdict)} {headline_of(report)}", class_="headline"),
        element("p", counts_of(report)),
        element("p", f"{LIMIT} {element('a', 'What was not tested', href='#not-tested')} is listed below."),
        class_=f"outcome {tone(report.verdict)}",
    )
    return element(
        "header",
        element("a", "Skip to the results", class_="skip", href="#results"),
        element("h1", _TITLE),
        outcome,
        _about(report),
    )


def _about(report: Report) -> str:
    facts = {
        "Made": report.made_at.strftime("%Y-%m-%d %H:%M UTC"),
        "Profile": report.profile_id,
        "By": f"ondevice {report.sdk}, Python {report.system.python}, {report.system.os}, {report.system.machine}",
        "Depth": "deep: checks took as long as they needed" if report.deep else "quick: checks of seconds to minutes",
    }
    return element("dl", *(element("dt", name) + element("dd", shown(text)) for name, text in facts.items()))


def _overview(report: Report) -> str:
    rows = [
        [
            element("a", shown(section.title), href=f"#check-{n}"),
            badge(section.verdict),
            str(len(section.findings)) if section.was_run else "-",
        ]
        for n, section in enumerate(report.sections, 1)
    ]
    whole = table("Every check and what it came to", ["Check", "Outcome", "Findings"], rows, numeric={2})
    words = (
        "Failed: a promise does not hold, at least for somebody with special means. "
        "Noted: no promise is broken, but there is something to look at. "
        "Passed: the check found nothing. Not run: nobody looked."
    )
    return element(
        "section",
        element("h2", "Overview", id="overview"),
        whole,
        element("p", words, class_="quiet"),
        aria_labelledby="overview",
    )


def _limits(report: Report) -> str:
    groups = [
        element("h3", shown(section.title), id=limits_id(n)) + listed([shown(each) for each in section.not_tested])
        for n, section in enumerate(report.sections, 1)
        if section.not_tested
    ]
    return element(
        "section",
        element(
            "div",
            element("h2", "What was not tested", id="not-tested"),
            element("p", f"{LIMIT} Of these, this report says nothing:"),
            *groups,
            class_="limits",
        ),
        aria_labelledby="not-tested",
    )


def _verifying(report: Report) -> str:
    key = element("code", report.public_key)
    return element(
        "section",
        element("h2", "Is this page genuine?", id="genuine"),
        element(
            "p",
            "The audited profile has signed this file, byte for byte. To check it, take the file as the audit wrote it "
            "(a browser's “Save as” writes another one) and run, where ondevice is installed:",
        ),
        element("pre", element("code", f"ondevice audit verify audit.html --key {report.public_key}")),
        element(
            "p",
            "But take the key from somewhere else than from here: whoever makes up a page can sign it with a key of "
            "their own and name that one. The owner of the profile knows the right one.",
        ),
        element(
            "p",
            f"It is the profile's receipt key. Each profile has one, for good: it signs the receipts of what was "
            f"forgotten, and audits. {element('code', 'ondevice stats')} shows it. This page names {key}.",
        ),
        element(
            "p",
            "A genuine page says what this software found on the device where it ran. Whoever controls that device "
            "could have changed the software.",
        ),
        aria_labelledby="genuine",
    )


def _footer(report: Report) -> str:
    return element(
        "footer",
        element(
            "p",
            f"The same as a file for programs: audit.json, SHA-256 {element('code', digest_of(report))}, "
            "counted without the line's end. No text of the user stands in either.",
        ),
    )
