"""Small pieces of SVG as safe markup. Colours come from classes of the page's style sheet, so pictures follow light and dark."""

from __future__ import annotations

from markupsafe import Markup

from layerfix.report.escape import visible


def tag(name: str, *children: Markup | str, **attributes: object) -> Markup:
    """One element. Attribute names: `_` for `-`, a trailing `_` dropped; text is escaped, numbers rounded to 0.1 px."""
    shown = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(child if isinstance(child, Markup) else Markup("{}").format(visible(child)) for child in children)
    return Markup("<{name}{shown}>{inner}</{name}>").format(name=Markup(name), shown=shown, inner=inner)


def drawing(width: float, height: float, title: str, *children: Markup, class_: str = "") -> Markup:
    """A whole picture, no wider than its place; `title` is what a screen reader says."""
    return tag(
        "svg",
        tag("title", title),
        *children,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        role="img",
        class_=class_ or None,
    )


def _value(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else visible(value, limit=None)
