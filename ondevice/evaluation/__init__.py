"""Measuring what personalization is worth."""
