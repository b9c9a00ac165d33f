"""Use a profile from other programs on the same device: off until the user starts one, one room for each of them.

Every room works with the public names of ``ondevice`` alone, as any app would. What is handed to another program leaves
the trust boundary of ``ondevice``: that program may send it anywhere.
"""
