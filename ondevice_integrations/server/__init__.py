"""A server for programs of this device, on the loopback interface alone: OpenAI's protocol, and a page for the user.

It answers from one profile. Whoever is to use it needs its token; what it answers, the other program may send anywhere.
"""
