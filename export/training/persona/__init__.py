"""Learning what makes a persona: a user's item vectors become a few rows that a frozen language model reads."""
