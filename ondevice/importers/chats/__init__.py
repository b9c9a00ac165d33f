"""What chat programs and assistants export: each format reads some turns of a conversation at a time.

A conversation is cut where it paused and after some thousand characters; each item says who spoke, with the
conversation's title, and has the time of its first message. Two facts must be told where the source has not got them:
who the user is (WhatsApp, Slack, one chat of Telegram), if only their own words are wanted, and the time zone
(WhatsApp), if it is not the device's.
"""

from ondevice.importers.chats.chatgpt import CHATGPT
from ondevice.importers.chats.claude import CLAUDE
from ondevice.importers.chats.google_chat import GOOGLE_CHAT
from ondevice.importers.chats.google_keep import GOOGLE_KEEP
from ondevice.importers.chats.slack import SLACK
from ondevice.importers.chats.telegram import TELEGRAM
from ondevice.importers.chats.whatsapp import WHATSAPP

__all__ = ["CHATGPT", "CLAUDE", "GOOGLE_CHAT", "GOOGLE_KEEP", "SLACK", "TELEGRAM", "WHATSAPP"]
