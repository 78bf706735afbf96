"""The plain pages of signing in, drawn by the server: no script, one form, both languages, quick on a phone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib import resources
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from forgecast.ground.texts import Language, Text, text

#: Addresses that answer with such a page.
PLAIN_PAGES = frozenset({"/", "/sign-in", "/sign-out", "/start", "/password", "/oidc/sign-in", "/oidc/back"})

_STYLE = """
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;font-size:16px}
body{margin:0;min-height:100vh;display:grid;grid-template-rows:auto 1fr auto;background:var(--paper);color:var(--ink);
font:400 1rem/1.55 var(--font)}
header,footer{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding:1rem 1.25rem}
footer{color:var(--soft);font-size:.86rem;justify-content:center}
.brand{display:flex;align-items:center;gap:.6rem;font-weight:600;font-size:1.08rem}
.brand svg{width:24px;height:24px;color:var(--accent)}
main{width:100%;max-width:25rem;margin:0 auto;padding:1.5rem 1.25rem;align-self:center}
.card{background:var(--card);border:1px solid var(--rule);border-top:3px solid var(--accent);border-radius:6px;
padding:1.6rem 1.5rem 1.5rem;box-shadow:var(--shade)}
h1{margin:0 0 .35rem;font-size:1.36rem;line-height:1.3;font-weight:600}
p{margin:0 0 1rem;color:var(--soft)}
label{display:block;margin:1rem 0 .3rem;font-weight:500;font-size:.94rem}
input{width:100%;font:inherit;padding:.6rem .7rem;color:var(--ink);background:var(--paper);
border:1px solid var(--rule-strong);border-radius:6px;min-height:2.9rem}
.hint{font-size:.86rem;color:var(--soft);margin:.3rem 0 0}
button,.button{display:block;width:100%;margin-top:1.4rem;font:inherit;font-weight:600;text-align:center;
text-decoration:none;padding:.7rem 1rem;min-height:2.9rem;border-radius:6px;border:1px solid var(--accent);
background:var(--accent);color:var(--accent-ink);cursor:pointer}
.button{background:none;color:var(--accent)}
button:hover,.button:hover{filter:brightness(1.06)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.told{margin:1rem 0 0;padding:.7rem .9rem;border-radius:6px;border-left:4px solid var(--bad);background:var(--bad-wash);
color:var(--bad)}
.told.good{border-color:var(--good);background:var(--good-wash);color:var(--good)}
.told strong{display:block;font-weight:600}
a{color:var(--accent);text-underline-offset:.18em}
.or{display:flex;align-items:center;gap:.8rem;margin:1.4rem 0 0;color:var(--soft);font-size:.86rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--rule)}
.or+.button{margin-top:1rem}
"""
# A drop of metal above a mould.
_MARK = (
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" '
    'stroke-linejoin="round" aria-hidden="true"><path d="M12 3c2.6 3.3 3.6 4.9 3.6 6.6a3.6 3.6 0 0 1-7.2 0C8.4 7.9 '
    '9.4 6.3 12 3z" fill="currentColor" stroke="none"/><path d="M3 15h5l1.5 3h5L16 15h5v6H3z"/></svg>'
)

_TAGS: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
_NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form.

    Parameters
    ----------
    name : str
    label : Text or None
        None for one that is not shown.
    kind : str
        ``text``, ``password`` or ``hidden``.
    autocomplete : str
        As browsers' password managers know it.
    value : str
    hint : Text or None
    """

    name: str
    label: Text | None
    kind: str = "text"
    autocomplete: str = "off"
    value: str = ""
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A plain page.

    Parameters
    ----------
    address : str
        Its own.
    title, lead : Text
    fields : sequence of Field
    button : Text or None
        None for a page without a form.
    told, repair : Text or None
        What went wrong, and what to do.
    way_on : tuple of (str, Text) or None
        Another way: address and words.
    kept : tuple of (str, str)
        What the link to the other language carries along.
    sends_to : str
        Where the form is sent; empty: to the page's own address.
    """

    address: str
    title: Text
    lead: Text
    fields: Sequence[Field] = ()
    button: Text | None = None
    told: Text | None = None
    repair: Text | None = None
    way_on: tuple[str, Text] | None = None
    kept: tuple[tuple[str, str], ...] = ()
    sends_to: str = ""


def drawn(paper: Paper, language: Language, *, theme: str = "auto", status: int = 200) -> HTMLResponse:
    """Return a page as an answer that no cache keeps."""
    other: Language = "en" if language == "zh" else "zh"
    switch = escape(f"{paper.address}?{urlencode([*paper.kept, ('lang', other)])}")
    title, tag = _said(paper.title, language), _TAGS[language]
    body = [
        f'<!doctype html><html lang="{tag}"{_theme_attribute(theme)}><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} · Forgecast</title><style>{_variables()}{_STYLE}</style></head><body>",
        f'<header><span class="brand">{_MARK}<span>Forgecast</span></span>',
        f'<a href="{switch}" lang="{_TAGS[other]}" hreflang="{_TAGS[other]}">{_NAMES[other]}</a></header>',
        f'<main><div class="card"><h1>{title}</h1><p>{_said(paper.lead, language)}</p>',
    ]
    if paper.told is not None:
        after = f" {_said(paper.repair, language)}" if paper.repair is not None else ""
        body.append(f'<div class="told" role="alert"><strong>{_said(paper.told, language)}</strong>{after}</div>')
    if paper.button is not None:
        body.append(f'<form method="post" action="{escape(paper.sends_to or paper.address)}">')
        body += [_field(field, language) for field in paper.fields]
        body.append(f"<button>{_said(paper.button, language)}</button></form>")
    if paper.way_on is not None:
        address, words = paper.way_on
        if paper.button is not None:
            body.append(f'<div class="or">{_said(text("or"), language)}</div>')
        body.append(f'<a class="button" href="{escape(address)}">{_said(words, language)}</a>')
    foot = text("Nothing on this page is loaded from anywhere else.")
    body.append(f"</div></main><footer>{_said(foot, language)}</footer></body></html>")
    return HTMLResponse("".join(body), status, {"cache-control": "no-store"})


def _field(field: Field, language: Language) -> str:
    name, value = escape(field.name), escape(field.value)
    if field.label is None:
        return f'<input type="hidden" name="{name}" value="{value}">'
    hint = described = ""
    if field.hint is not None:
        hint = f'<p class="hint" id="{name}-hint">{_said(field.hint, language)}</p>'
        described = f' aria-describedby="{name}-hint"'
    plain = ' autocapitalize="none" spellcheck="false"' if field.autocomplete == "username" else ""
    shown = f' value="{value}"' if value and field.kind != "password" else ""
    return (
        f'<label for="{name}">{_said(field.label, language)}</label>'
        f'<input id="{name}" name="{name}" type="{field.kind}" autocomplete="{field.autocomplete}" required'
        f"{plain}{described}{shown}>{hint}"
    )


def _said(words: Text, language: Language) -> str:
    return escape(words.say(language))


def _theme_attribute(theme: str) -> str:
    return f' data-theme="{theme}"' if theme in {"light", "dark"} else ""


@lru_cache(maxsize=1)
def _variables() -> str:
    """Return the colours of the one theme; dark where the system is, unless something else is chosen."""
    sheet = (resources.files("forgecast.app.pages.look") / "theme.css").read_text(encoding="utf-8")
    light = re.search(r":root\s*\{([^}]*)\}", sheet)
    dark = re.search(r':root\[data-theme="dark"\]\s*\{([^}]*)\}', sheet)
    assert light is not None  # noqa: S101  (a test looks at the page)
    assert dark is not None  # noqa: S101
    return (
        f":root{{{light[1]}}}:root[data-theme=dark]{{{dark[1]}}}"
        f"@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark[1]}}}}}"
    )
