"""``python -m ondevice_integrations.server``: the program where its script is not installed."""

from ondevice_integrations.server.command import main

main()
