"""What a table's columns, and the names in an object, are: the text, the time, the title, in several languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ondevice.errors import InputError

ROLES = ("text", "time", "title", "kind", "expires_at", "id")
"""What a column can be, besides a field or metadata of its own."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text body content contents message note notes description comment entry review",
        "inhalt nachricht notiz beschreibung kommentar eintrag",
        "texte contenu corps remarque commentaire",
        "texto contenido mensaje cuerpo nota descripción descripcion comentario",
        "testo contenuto messaggio corpo descrizione commento",
        "conteúdo conteudo mensagem descrição descricao comentário",
        "tekst inhoud bericht notitie treść tresc wiadomość",
        "текст содержание сообщение заметка описание",
        "本文 内容 メッセージ 正文 文本 消息 내용 본문",
    ),
    "time": (
        "time date datetime timestamp created created_at createdat created_time date_created creation_date sent_at",
        "datum zeit zeitpunkt uhrzeit zeitstempel erstellt erstellt_am",
        "heure horodatage créé créé_le fecha hora fecha_y_hora creado data ora creato data_e_ora data_hora criado",
        "tijd tijdstip aangemaakt czas utworzono дата время создано",
        "日付 日時 作成日 日期 时间 時間 创建时间 날짜 시간",
    ),
    "title": (
        "title subject headline heading titel betreff überschrift titre objet sujet título titulo asunto titolo",
        "oggetto assunto onderwerp tytuł tytul temat заголовок тема название 件名 タイトル 标题 標題 主题 제목",
    ),
}
_ROLE_OF = {name: (role, order) for role, lines in _NAMES.items() for order, name in enumerate(" ".join(lines).split())}


def roles_of(names: Iterable[str], told: Mapping[str, str]) -> dict[str, str]:
    """Return what each of these names is, where it is something else than a field; no two are the same.

    A name that the user told is what he said. Of several that could be the text, the one that is called so comes first.

    Args:
        names: Of the columns.
        told: Role → name.

    Raises:
        InputError: If the user told a role that there is not.
    """
    if unknown := set(told) - set(ROLES):
        raise InputError(f"a column cannot be {min(unknown)[:20]!r}", hint=f"choose among {', '.join(ROLES)}")
    given = list(names)
    found = {role: name for role, name in told.items() if name in given}
    for name in given:
        if name in ROLES and name not in found and name not in found.values() and name not in told:
            found[name] = name
    best: dict[str, tuple[int, str]] = {}
    for name in given:
        role, order = _ROLE_OF.get(_folded(name), ("", 0))
        if role and role not in found and role not in told and name not in found.values():
            best[role] = min(best.get(role, (order, name)), (order, name))
    found |= {role: name for role, (_, name) in best.items()}
    return {name: role for role, name in found.items()}


def _folded(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", "_").split())
