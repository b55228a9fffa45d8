"""The values of an object of the connector as a document writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aliconf.config.yaml_values import plain_scalar
from aliconf.model.base import Model, body

if TYPE_CHECKING:
    from aliconf.model.base import Spec


def written(spec: Spec, *, defaults: bool) -> dict[str, Any]:
    """The values of a spec by their keys, in canonical order: amounts as numbers, times as text.

    Without ``defaults``, only what differs from those of the format.
    """
    return _of_model(spec, body(spec), defaults)


def _of_model(model: Model, texts: Any, defaults: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        key = field.alias or name
        if key not in texts:
            continue
        value = getattr(model, name)
        if not defaults and not field.is_required():
            default = field.get_default(call_default_factory=True)
            if type(value) is type(default) and value == default:
                continue
        found[key] = _of_value(value, texts[key], defaults)
    return found


def _of_value(value: Any, text: Any, defaults: bool) -> Any:
    from decimal import Decimal

    if isinstance(value, Model):
        return _of_model(value, text, defaults)
    if isinstance(value, list):
        return [_of_value(one, other, defaults) for one, other in zip(value, text, strict=True)]
    if isinstance(value, dict):
        return {key: _of_value(value[key], text[key], defaults) for key in text}
    return plain_scalar(str(text)) if isinstance(value, Decimal) else text
