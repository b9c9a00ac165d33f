"""Measuring what personalization is worth."""

LESSON_ITEMS = 128
"""So many items of a history an adapter learns from, the newest, unless something else is asked for: all of nearly
every user's, and a bound where someone has thousands."""
