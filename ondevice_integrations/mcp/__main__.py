"""``python -m ondevice_integrations.mcp``: the program where its script is not installed."""

from ondevice_integrations.mcp.command import main

main()
