"""Mail: every mail with its words, its people and its time, and without what it quotes.

It is read from mbox files, Maildir, EML files, Apple Mail's folders (``.mbox``, ``.emlx``) and the mail of a Google
Takeout, plain, in ``.gz`` or in ``.zip``. Spam, trash and drafts are left out unless asked for. Attachments, attached
mails included, are never taken; a mail that is passed on in the text stays whole.
"""

from ondevice.importers.mail.reading import MAIL, read_mbox

__all__ = ["MAIL", "read_mbox"]
