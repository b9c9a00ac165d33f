"""Learning on the device from the user's own history (extra ``adapt``)."""
