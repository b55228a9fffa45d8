"""The shape of a text: all of it but the words that have no part in where its values stand.

The documents of a large project differ in their names, titles and numbers, and hardly in anything
else. What was found in one text by its shape holds for every text of that shape.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_END: Final = r"""(?=\n *+[\w#-]|\n?\Z)"""
"""Of a line, before another that cannot be read together with it."""
_WORDS: Final = rf"""(["']?)\w[\w ./%()+@-]*+(?<! )\1{_END}"""
"""A value of plain words, in quotes or not. Neither YAML nor `redact` gives a meaning to any of its
characters."""
_OF_KEYS: Final = re.compile(": " + _WORDS)
_OF_ITEMS: Final = re.compile("- " + _WORDS)
_ADDRESS: Final = re.compile(rf": (https://|\$\{{(?:env|file):)[\w./%+-]++(\}}?){_END}")


@lru_cache(maxsize=8)
def shape_of(text: str) -> str:
    """The text with an ``x`` for each value of plain words, and in each address.

    A YAML text that can be read has as many lines as its shape. Each value begins in both at the
    same place and ends at the same, or in both at the end of the line. Both have the same keys.
    """
    shape = _OF_ITEMS.sub("- x", _OF_KEYS.sub(": x", text))
    return _ADDRESS.sub(r": \1x\2", shape)
