"""From items and a request to the messages a model reads; pure functions."""
