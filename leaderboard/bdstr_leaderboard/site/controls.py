"""Fields of a form, each with its label. Their choices come from ``board.js``."""

from __future__ import annotations


def field(name: str, label: str, control: str) -> str:
    """A control under its label.

    Args:
        name: of the control, which is also its id.
        label: what people read.
        control: as HTML.
    """
    return f'<p class="field field-{name}"><label for="{name}">{label}</label>{control}</p>'


def chosen(name: str, label: str) -> str:
    """One of several."""
    return field(name, label, f'<select id="{name}" name="{name}"></select>')


def number(name: str, label: str, placeholder: str = "any") -> str:
    """A number, or nothing."""
    said = f'placeholder="{placeholder}" inputmode="decimal"'
    return field(name, label, f'<input type="number" id="{name}" name="{name}" min="0" step="any" {said}>')


def either(name: str, label: str) -> str:
    """Yes or no."""
    box = f'<input type="checkbox" id="{name}" name="{name}">'
    return f'<p class="field field-{name}"><label>{box} {label}</label></p>'
