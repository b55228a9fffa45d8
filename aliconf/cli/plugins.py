"""Keep pydantic from looking for plugins, which takes a fifteenth of the time of a hook.

It would look in every installed package. Told by its variable not to, it still imports what it
would look with, `importlib.metadata`, and with that what reads mail and zip archives.
"""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import Any, Final

_LOADER: Final = "pydantic.plugin._loader"


class _NoPlugins(ModuleType):
    """Stands for pydantic's loader of plugins."""

    def get_plugins(self) -> tuple[()]:
        return ()

    def __getattr__(self, name: str) -> Any:
        """What else another version of pydantic may ask for is its own."""
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(importlib.import_module(self.__name__), name)


def without_plugins() -> None:
    """Before pydantic is imported."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.modules.setdefault(_LOADER, _NoPlugins(_LOADER))
