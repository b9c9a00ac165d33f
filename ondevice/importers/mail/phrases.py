"""The words by which mail programs introduce what a mail quotes or passes on, in the languages that they speak."""

from __future__ import annotations

WROTE = (
    "a écrit|a scris|escreveu|escribió|ha scritto|írta|je napisal|kirjoitti|napisał|napsal|napísal|pisze|schreef|"
    "schrieb|skrev|wrote|writes|yazd[\u0131i]|va escriure|έγραψε|написал|пишет|пише|כתב|كتب|写道|寫道|"
    "书写|書きました|작성"
)
"""As a pattern, like the next three: who "wrote"."""
BEGINNING = "Am|Dana|Den|Dne|Dnia|El|Em|En|Il|Le|On|Op|Pe|Tarihinde|V|W dniu|Στις"
"""How the line with that word begins."""
FORWARDED = (
    "forwarded|fwd|weitergeleitet|message transféré|mensaje reenviado|messaggio inoltrato|"
    "mensagem (?:encaminhada|reencaminhada)|doorgestuurd|пересылаем|пересланн|přeposlan|wiadomość przekazana|"
    "vidarebefordra|videresend|edelleenlähete|i?letilen|továbbított|转发|轉寄|転送|전달"
)
"""After a rule: what follows is passed on."""
BEGINNING_FORWARDED = (
    "begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)|"
    "inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem|begin doorgestuurd bericht|"
    "vidarebefordrat brev|начало переадресованного|下面是被转发的邮件|転送されたメッセージ"
)
"""The same in Apple Mail, which draws no rule."""
ORIGINAL = (
    "original (?:message|appointment|email)|ursprüngliche nachricht|originalnachricht|message d.origine|"
    "mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|исходное сообщение|"
    "původní zpráva|pôvodná správa|wiadomość oryginalna|oryginalna wiadomość|ursprungligt meddelande|"
    "oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|eredeti üzenet|orijinal mesaj|原始邮件|原邮件|"
    "原始郵件|元のメッセージ|원본 메시지"
)
"""After a rule: what follows is answered, or passed on."""

FROM = "from von de da od van från fra lähettäjä от від kimden feladó από 发件人 寄件者 差出人 보낸"
"""What the line of the sender is called in the head of a mail that is quoted."""
OTHERS = (
    "sent date to cc subject gesendet datum an betreff envoyé envoyée à objet enviado enviada el fecha para asunto "
    "assunto inviato data a oggetto verzonden aan onderwerp skickat skickades till ämne sendt til emne lähetetty aihe "
    "päivämäärä vastaanottaja отправлено дата кому тема надіслано wysłano do temat odesláno komu předmět predmet kelt "
    "dátum címzett tárgy gönderildi tarih kime konu 发送时间 发送日期 时间 日期 收件人 主题 主旨 送信日時 日時 宛先 "
    "件名 날짜 받는 제목"
)
"""What its other lines are called."""

FORWARD_SUBJECTS = "fw fwd fs wg tr rv i inoltra enc doorst vl pd vb vs iletilen илт 转发 轉寄 転送 전달"
REPLY_SUBJECTS = "re aw sv antw odp ynt res rif r vá ref ang bls atb отв 回复 回覆 答复 返信 답장"
