"""The key that skips, as browsers name keys."""

from __future__ import annotations

from bdstr.errors import UsageError

MODIFIERS = ("Ctrl", "Alt", "Shift")
KEYS = ("Enter", "Escape", "PageDown", "PageUp", "Insert", *(f"F{number}" for number in range(1, 13)))


def skip_key_of(text: str) -> str:
    """A key with what is held down beside it, spelled as the page compares it.

    No letter is a key here, since letters are typed; nor is Enter alone, since it accepts.

    Raises:
        UsageError: it is no such key.

    Example:
        >>> skip_key_of("ctrl+enter"), skip_key_of("F2")
        ('Ctrl+Enter', 'F2')
    """
    spelled = {name.lower(): name for name in (*MODIFIERS, *KEYS)}
    *held, key = [spelled.get(part.strip().lower(), "") for part in text.split("+")]
    if key not in KEYS or not set(held) <= set(MODIFIERS) or (key == "Enter" and not held):
        raise UsageError(
            f"--skip-key {text}; expected one of {', '.join(KEYS)}, with Ctrl+, Alt+ or Shift+ before it "
            "as you like; Enter only with one of them"
        )
    return "+".join([*(name for name in MODIFIERS if name in held), key])
