"""The user's own page: what is held, since when, what was learned, and what can be done about it.

One file, to be opened from the disk: nothing is loaded, nothing runs, and it can be printed. It holds numbers and the
names of things, and none of the user's words, unless the items themselves are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.privacy.inventory.articles import ARTICLES
from ondevice.privacy.inventory.markup import escaped, policy_of, size, table
from ondevice.privacy.inventory.naming import FOR_A_FILE, FOR_THE_USER, Naming
from ondevice.privacy.inventory.plain_words import HAPPENED, LEARNED, day, many, short_day
from ondevice.privacy.inventory.style import STYLE
from ondevice.privacy.inventory.tables import (
    CALLED,
    OTHER,
    events_table,
    held_table,
    kinds_table,
    names_table,
    origins_table,
    slots_table,
    state_of,
    without_empty_columns,
)
from ondevice.privacy.inventory.texts import SECTIONS as OF_TEXTS

if TYPE_CHECKING:
    from ondevice.learned.inventory import Inventory, LearnedThing
    from ondevice.privacy.findings import Table

SECTIONS = (
    ("kinds", "What is held"),
    ("origin", "Where it came from"),
    ("retention", "How long it is kept"),
    ("learned", "What was learned from it"),
    ("parts", "Everything that lies in the profile"),
    ("events", "What was done with it"),
    ("access", "Who can open it"),
    ("rights", "What you can do"),
    ("limits", "What this page cannot know"),
)

_WARNING = (
    "<strong>This page is not encrypted.</strong> It shows everything that you stored, word for word. Whoever opens "
    "the file can read it. Keep it safe, and delete it when it has served."
)
_NO_TEXTS = "This page holds numbers and names of things. None of your texts is on it."


def page_of(inventory: Inventory, texts: Iterable[str] | None = None) -> Iterator[bytes]:
    """Yield a page in UTF-8, piece by piece.

    Args:
        inventory: What is held.
        texts: The sections of :func:`~ondevice.privacy.inventory.texts.texts_of`; the page is then plaintext on
            purpose. ``None`` leaves them out.
    """
    naming = FOR_A_FILE if texts is None else FOR_THE_USER
    yield _head(inventory, naming, has_texts=texts is not None).encode()
    bodies = (_kinds, _origin, _retention, _learned, _parts, _events, _access, _rights, _limits)
    for (identity, title), body in zip(SECTIONS, bodies, strict=True):
        yield _section(identity, title, body(inventory, naming)).encode()
    for piece in texts or ():
        yield piece.encode()
    yield _foot(inventory).encode()


def _head(inventory: Inventory, naming: Naming, *, has_texts: bool) -> str:
    links = "".join(
        f'<li><a href="#{identity}">{title}</a></li>'
        for identity, title in (*SECTIONS, *(OF_TEXTS if has_texts else ()))
    )
    about = f'<div class="warning" role="note"><p>{_WARNING}</p></div>' if has_texts else f"<p>{_NO_TEXTS}</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy_of(STYLE)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>What is held about you</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#content">Skip to the content</a>\n<header>\n<h1>What is held about you</h1>\n'
        f'<p class="lead">{_lead(inventory, naming)}</p>\n{about}\n</header>\n'
        f'<nav aria-label="On this page"><ul>{links}</ul></nav>\n<main id="content">\n{_glance(inventory, naming)}'
    )


def _lead(inventory: Inventory, naming: Naming) -> str:
    items = inventory.items
    if not items.n_items:
        return "Your profile on this device holds no items."
    span = f"from {day(items.oldest)} to {day(items.newest)}"
    return f"Your profile on this device holds {many(items.n_items, 'item')}, {span}. It is encrypted."


def _glance(inventory: Inventory, naming: Naming) -> str:
    items = inventory.items
    pairs = (
        ("items", f"{items.n_items:,}"),
        ("earlier wordings", f"{items.n_versions:,}"),
        ("learned from them", f"{len(inventory.learned):,}"),
        ("will expire", f"{items.n_expiring:,}"),
        ("last added", short_day(items.last_added)),
        ("on the disk", size(inventory.database_bytes + sum(each.n_bytes for each in inventory.sealed))),
    )
    boxes = "".join(f"<div><dt>{name}</dt><dd>{escaped(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="glance">{boxes}</dl>\n'


def _section(identity: str, title: str, body: str) -> str:
    return f'<section aria-labelledby="{identity}">\n<h2 id="{identity}">{title}</h2>\n{body}</section>\n'


def _kinds(inventory: Inventory, naming: Naming) -> str:
    text = "<p>An item is one thing that you, or an app for you, stored: a note, a mail, a message.</p>\n"
    names = names_table(inventory, naming)
    more = "<p>With the items stand such details:</p>\n" + _drawn("kinds-names", names) if names.rows else ""
    return text + _drawn("kinds-table", kinds_table(inventory, naming)) + more


def _origin(inventory: Inventory, naming: Naming) -> str:
    text = "<p>All of it was put in on this device: by you, by an app, or from a file.</p>\n"
    return text + _drawn("origin-table", origins_table(inventory))


def _retention(inventory: Inventory, naming: Naming) -> str:
    items = inventory.items
    lines = [f"{many(items.n_items - items.n_expiring, 'item')} stay until you delete them."]
    if items.n_expiring:
        lines.append(f"{many(items.n_expiring, 'item')} will expire, the first on {day(items.next_expiry)}.")
    if items.n_expired:
        lines.append(
            f"{many(items.n_expired, 'item')} expired. They are found no more, and are erased when the profile is "
            "tidied up: <code>ondevice prune</code>."
        )
    return "".join(f"<p>{line}</p>\n" for line in lines)


def _learned(inventory: Inventory, naming: Naming) -> str:
    text = (
        "<p>What was learned is as personal as the items themselves. It lies encrypted beside them, and goes with any "
        "item that it rests on, as soon as you delete that item.</p>\n"
    )
    if not inventory.learned:
        return text + "<p>Nothing was learned yet.</p>\n"
    numbered = enumerate(inventory.learned, 1)
    rows = [_learned_row(each, number, naming) for number, each in numbered]
    header = ("what", "made", "rests on", "how it stands")
    kinds = dict.fromkeys(each.kind for each in inventory.learned)
    words = " ".join(LEARNED[kind] for kind in kinds if kind in LEARNED)
    return text + table("learned-table", "What was learned, and what it rests on", header, rows) + f"<p>{words}</p>\n"


def _learned_row(each: LearnedThing, number: int, naming: Naming) -> tuple[str, ...]:
    what = CALLED.get(each.kind, OTHER)
    rests = [many(each.n_items, "item") if each.is_there else "nothing any more"]
    if each.n_gone:
        rests.append(f"{each.n_gone:,} of them are gone")
    if each.n_expired:
        rests.append(f"{each.n_expired:,} of them expired")
    if each.n_changed:
        rests.append(f"{each.n_changed:,} of them say something else now")
    newer = f"; {many(each.n_newer, 'item')} came later" if each.n_newer else ""
    if each.epsilon is not None:
        rests.append(f"with noise, so that it tells little of any one (ε {each.epsilon:.3g}, δ {each.delta:.2g})")
    name = f"“{each.name}”" if naming.tells_all else f"no. {number}"
    return f"{what} {name}", naming.when(each.made_at) or "", ", ".join(rests), state_of(each) + newer


def _parts(inventory: Inventory, naming: Naming) -> str:
    text = (
        "<p>So that items can be found again, the profile keeps their words and, as rows of numbers, their meaning. "
        "All of it is encrypted.</p>\n"
    )
    return text + _drawn("parts-table", held_table(inventory, naming))


def _events(inventory: Inventory, naming: Naming) -> str:
    is_intact = inventory.event_flaw is None and inventory.n_events > 0
    verdict = (
        "The profile logs what is done with it, without any of your words. Each entry confirms the one before it, and "
        "all of them fit together."
        if is_intact
        else "<strong>The log does not fit together: somebody changed it.</strong> Restore a backup."
    )
    log = events_table(inventory, naming)
    told = replace(log, rows=tuple((HAPPENED.get(str(row[0]), row[0]), *row[1:]) for row in log.rows))
    return f"<p>{verdict}</p>\n" + _drawn("events-table", told)


def _access(inventory: Inventory, naming: Naming) -> str:
    text = "<p>Whoever has one of these can open the profile.</p>\n"
    return text + _drawn("access-table", slots_table(inventory, naming))


def _rights(inventory: Inventory, naming: Naming) -> str:
    lines = [
        "<p>The commands are typed in a terminal; the app that keeps your profile may offer the same. The numbers are "
        'articles of the General Data Protection Regulation (EU) 2016/679.</p>\n<dl class="rights">\n'
    ]
    for each in ARTICLES:
        commands = " ".join(f"<br><code>{escaped(command)}</code>" for command in each.commands)
        plainly = f"<strong>{escaped(each.plainly)}</strong>"
        right = f'<span class="soft">Article {each.number}, {escaped(each.right)}</span>'
        lines.append(
            f"<dt>{plainly} {right}</dt>\n<dd>{escaped(each.offers[0].upper() + each.offers[1:])}.{commands}</dd>\n"
        )
    return "".join((*lines, "</dl>\n"))


def _limits(inventory: Inventory, naming: Naming) -> str:
    made = {each.kind: each.n_events for each in inventory.events}
    copies = f"{many(made.get('backed-up', 0), 'backup')} and {many(made.get('exported', 0), 'readable copy')}"
    points = (
        f"Copies elsewhere. The log says that {copies} were made; where they are now, it does not know. What you "
        "delete here stays in them.",
        "What an app keeps besides the profile: its own files, answers that it stored, and the files that items were "
        "imported from.",
        "What you, or the app, did with an answer.",
    )
    return "<ul>\n" + "".join(f"<li>{point}</li>\n" for point in points) + "</ul>\n"


def _foot(inventory: Inventory) -> str:
    counted = inventory.at.isoformat()[: len("2024-05-31T18:30")].replace("T", " ")
    return (
        f"</main>\n<footer>\n<p>Counted on {counted} (UTC) in the profile "
        f"<code>{escaped(inventory.profile_id)}</code>. Later changes are not on this page.</p>\n</footer>\n</body>\n"
        "</html>\n"
    )


def _drawn(identity: str, shown: Table) -> str:
    short = without_empty_columns(shown)
    return table(identity, short.title, short.header, short.rows)
