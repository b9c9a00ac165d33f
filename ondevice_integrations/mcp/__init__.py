"""A profile for hosts of the Model Context Protocol, over the standard streams: ``ondevice-mcp``.

Foreign libraries that live here alone: ``mcp``, which brings ``anyio`` and ``pydantic`` along.
"""
