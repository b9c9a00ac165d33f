"""Measuring what personalization is worth."""

LESSON_ITEMS = 48
"""So many items of a history an adapter learns from, the newest, unless something else is asked for."""
