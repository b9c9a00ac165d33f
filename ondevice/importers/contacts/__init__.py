"""Contacts: the cards of vCard files."""

from ondevice.importers.contacts.format import ContactsFormat

__all__ = ["ContactsFormat"]
