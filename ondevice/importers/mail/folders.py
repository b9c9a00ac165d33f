"""What the names of folders and labels say of a mail, in the languages of the programs that made them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

Standing: TypeAlias = Literal["draft", "sent", "spam", "trash"]

_NAMES: dict[Standing, str] = {
    "draft": "draft|drafts|entwurf|entwürfe|brouillon|brouillons|borrador|borradores|bozza|bozze|concepten|concept|"
    "rascunho|rascunhos|utkast|kladde|kladder|luonnokset|robocze|wersje robocze|kopie robocze|koncepty|rozepsané|"
    "piszkozatok|taslaklar|черновики|чернетки|草稿|草稿箱|下書き|임시보관함|[gmail]/drafts",
    "sent": "sent|sent items|sent messages|sent mail|sent-mail|gesendet|gesendete objekte|gesendete elemente|envoyés|"
    "éléments envoyés|messages envoyés|enviados|elementos enviados|mensajes enviados|inviata|posta inviata|"
    "messaggi inviati|verzonden|verzonden items|verzonden berichten|itens enviados|mensagens enviadas|skickat|sendt|"
    "sendte elementer|lähetetyt|wysłane|odeslané|odeslaná pošta|odoslané|elküldött|gönderilmiş öğeler|gönderilenler|"
    "отправленные|надіслані|已发送|已发送邮件|寄件備份|送信済み|送信済みメール|보낸편지함",
    "spam": "spam|junk|junk mail|junk e-mail|junk email|bulk|bulk mail|spamverdacht|unerwünscht|werbung|indésirables|"
    "courrier indésirable|pourriel|correo no deseado|correo basura|posta indesiderata|indesiderata|"
    "ongewenste e-mail|ongewenst|reclame|lixo eletrônico|lixo eletrónico|skräppost|uønsket|uønsket e-post|søppelpost|"
    "roskaposti|niechciane|wiadomości-śmieci|nevyžádaná pošta|levélszemét|önemsiz|önemsiz e-posta|спам|"
    "нежелательная почта|垃圾邮件|垃圾郵件|迷惑メール|스팸|스팸함",
    "trash": "trash|bin|deleted|deleted items|deleted messages|papierkorb|gelöschte objekte|gelöschte elemente|"
    "gelöscht|"
    "corbeille|éléments supprimés|messages supprimés|papelera|elementos eliminados|eliminados|cestino|posta eliminata|"
    "eliminata|prullenbak|prullenmand|verwijderde items|verwijderd|lixeira|lixo|itens excluídos|papperskorgen|"
    "borttagna objekt|papirkurv|slettede elementer|roskakori|poistetut|kosz|elementy usunięte|usunięte|koš|"
    "odstraněná pošta|kuka|törölt elemek|çöp kutusu|silinmiş öğeler|корзина|удаленные|кошик|已删除|已删除邮件|"
    "垃圾桶|刪除的郵件|ゴミ箱|削除済みアイテム|휴지통",
}
_STANDINGS: dict[str, Standing] = {name: standing for standing, names in _NAMES.items() for name in names.split("|")}
_ENDINGS = (".gz", ".mbox", ".mbx", ".sbd")
_IS_ID = re.compile(r"\d+|[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}")
_NO_FOLDERS = frozenset({"cur", "new", "messages", "mbox", "data", "attachments"})


def standings(names: Iterable[str]) -> frozenset[Standing]:
    """Return what labels or folders of these names hold."""
    found = (_STANDINGS.get(name.casefold().strip()) for name in names)
    return frozenset(each for each in found if each is not None)


def folders_of(member: str, *, is_mailbox: bool) -> Sequence[str]:
    """Return the folders in which a mail lies, by the path of its file.

    Args:
        member: The path, as ``Takeout/Mail/Sent.mbox`` or ``.INBOX.Sent/cur/1.host:2,S``.
        is_mailbox: Whether the file holds mails itself, and so is a folder too.
    """
    parts = PurePosixPath(member).parts if is_mailbox else PurePosixPath(member).parent.parts
    names: list[str] = []
    for part in parts:
        name = part
        for ending in _ENDINGS:
            name = name[: -len(ending)] if name.lower().endswith(ending) else name
        if part.startswith("."):
            # Maildir has all its folders side by side, with a dot before the name of each.
            names += name.split(".")
        else:
            names.append(name)
    return [name for name in names if name and name.lower() not in _NO_FOLDERS and not _IS_ID.fullmatch(name)]
