"""A program as the document that it is. Pure."""

import yaml

from kizuna.program import Program


def text_of(program: Program) -> str:
    """Return a program as the text that “kizuna program publish” takes, without what is as usual."""
    raw = program.model_dump(mode="json", exclude_defaults=True)
    text: str = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False, width=120)
    return text
