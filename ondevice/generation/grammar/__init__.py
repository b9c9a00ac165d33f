"""What an answer must follow: grammars in llama.cpp's notation, and JSON schemas turned into them.

A schema is read part by part (``json_schema``); its texts and numbers become automata (``regular``, ``json_numbers``)
and those become rules. Every grammar is checked (``gbnf``) before llama.cpp sees it.
"""

from ondevice.generation.grammar.grammar import Grammar, JsonSchema, schema_of

__all__ = ["Grammar", "JsonSchema", "schema_of"]
