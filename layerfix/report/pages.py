"""HTML pages as one self-contained file: no script, no request, and a Content-Security-Policy that would forbid both."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from layerfix.report import phrases, plainly
from layerfix.report.escape import line

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def page(template: str, *, title: str, css: str = "", **context: Any) -> str:
    """Renders `templates/<template>.html` inside the common frame.

    Args:
        template: its name without suffix.
        title: of the browser's tab.
        css: rules that only this document needs.
        context: what the template names; every text in it is escaped.
    """
    style = Markup(_style_sheet() + css)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    rendered = (
        _environment().get_template(f"{template}.html").render(title=title, style=style, policy=POLICY.format(digest=digest), **context)
    )
    return _without_blank_lines(rendered)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("layerfix.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(phrases=phrases, plainly=plainly)
    return environment


@cache
def _style_sheet() -> str:
    return files("layerfix.report").joinpath("templates", "style.css").read_text(encoding="utf-8")


def _shown(value: object) -> Any:
    """What a template prints: markup of our own as it is, everything else without unseen characters."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") else line(value)


def _without_blank_lines(text: str) -> str:
    return "\n".join(line_ for line_ in text.splitlines() if line_.strip()) + "\n"
