"""``python -m ondevice.cli`` is ``ondevice``."""

from ondevice.cli.app import main

main()
