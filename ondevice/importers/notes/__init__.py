"""Notes: folders of Markdown and plain text, as Obsidian, Logseq, Notion, Joplin and Bear keep or export them."""

from ondevice.importers.notes.format import NotesFormat
from ondevice.importers.notes.text_files import read_text

__all__ = ["NotesFormat", "read_text"]
