"""What a profile gives away: the audit, and its signed evidence."""
