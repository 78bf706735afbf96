"""The plain pages of signing in, drawn by the server: no script, one form, both languages, quick on a phone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from forgecast.app.pages.look.icons import MARK
from forgecast.app.pages.look.served import LOOK
from forgecast.app.pages.look.served import theme as theme_sheet
from forgecast.ground.texts import Language, Text, text

#: Addresses that answer with such a page.
PLAIN_PAGES = frozenset({"/", "/sign-in", "/sign-out", "/start", "/password", "/oidc/sign-in", "/oidc/back"})

#: What the theme's gate leaves open for a page of one form.
_STYLE = """
.fc-gate{grid-template-rows:1fr auto;gap:var(--4)}
.fc-gate-card h1{font-size:var(--xl);line-height:1.3}
.fc-gate-card p{color:var(--soft)}
.fc-gate-card .field{display:block}
.fc-gate-card label{font-weight:500;color:var(--ink);display:block;margin-bottom:.25rem}
.fc-gate-card input{width:100%;min-height:2.75rem;background:var(--paper)}
.fc-gate-card .hint{font-size:var(--xs);margin-top:.25rem}
.go{display:block;width:100%;margin-top:var(--2);font:inherit;font-weight:600;text-align:center;text-decoration:none;
padding:.6rem 1rem;min-height:2.75rem;border-radius:var(--radius);border:1px solid var(--accent);
background:var(--accent);color:var(--accent-ink);cursor:pointer}
.go.other{background:none;color:var(--accent);margin:0}
.go:hover{filter:brightness(1.08)}
.told{padding:var(--3) var(--4);border-radius:var(--radius);border-left:4px solid var(--bad);
background:var(--bad-wash);color:var(--bad);font-size:var(--s)}
.told strong{display:block;font-weight:600}
.or{display:flex;align-items:center;gap:var(--3);color:var(--soft);font-size:var(--s)}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--rule)}
.top{display:flex;justify-content:space-between;align-items:center;gap:var(--4)}
.fc-gate-note{color:var(--nav-ink);font-size:var(--xs);text-align:center}
"""

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
    title = _said(paper.title, language)
    body = [
        f'<!doctype html><html lang="{_TAGS[language]}"{_theme_attribute(theme)}><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} · Forgecast</title>{_look()}</head><body>",
        '<div class="fc-gate"><main class="fc-gate-card"><div class="top">',
        f'<span class="fc-brand">{MARK}Forgecast</span>',
        f'<a href="{switch}" lang="{_TAGS[other]}" hreflang="{_TAGS[other]}">{_NAMES[other]}</a></div>',
        f"<div><h1>{title}</h1><p>{_said(paper.lead, language)}</p></div>",
        *_told(paper, language),
        *_form(paper, language),
        *_way_on(paper, language),
    ]
    foot = text("Nothing on this page is loaded from anywhere else.")
    body.append(f'</main><p class="fc-gate-note">{_said(foot, language)}</p></div></body></html>')
    return HTMLResponse("".join(body), status, {"cache-control": "no-store"})


def _told(paper: Paper, language: Language) -> list[str]:
    if paper.told is None:
        return []
    after = f" {_sentence(paper.repair, language)}" if paper.repair is not None else ""
    return [f'<div class="told" role="alert"><strong>{_sentence(paper.told, language)}</strong>{after}</div>']


def _form(paper: Paper, language: Language) -> list[str]:
    if paper.button is None:
        return []
    fields = "".join(_field(field, language) for field in paper.fields)
    button = f'<button class="go">{_said(paper.button, language)}</button>'
    return [f'<form method="post" action="{escape(paper.sends_to or paper.address)}">{fields}{button}</form>']


def _way_on(paper: Paper, language: Language) -> list[str]:
    if paper.way_on is None:
        return []
    address, words = paper.way_on
    parted = f'<div class="or">{_said(text("or"), language)}</div>' if paper.button is not None else ""
    return [f'{parted}<a class="go other" href="{escape(address)}">{_said(words, language)}</a>']


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
        f'<div class="field"><label for="{name}">{_said(field.label, language)}</label>'
        f'<input id="{name}" name="{name}" type="{field.kind}" autocomplete="{field.autocomplete}" required'
        f"{plain}{described}{shown}>{hint}</div>"
    )


def _sentence(words: Text, language: Language) -> str:
    """Return an error's words as a sentence: errors begin small and end without a stop."""
    said = words.say(language)
    return escape(said[:1].upper() + said[1:] + ("。" if language == "zh" else "."))


def _said(words: Text, language: Language) -> str:
    return escape(words.say(language))


def _theme_attribute(theme: str) -> str:
    return f' data-theme="{theme}"' if theme in {"light", "dark"} else ""


@lru_cache(maxsize=1)
def _look() -> str:
    """Return what a page is drawn with: the one theme, its dark colours also where the system is dark, and the rest.

    A page without scripts cannot ask the system otherwise.
    """
    sheet, address = theme_sheet()
    dark = re.search(r':root\[data-theme="dark"\]\s*\{([^}]*)\}', sheet)
    assert dark is not None  # noqa: S101  (a test looks at the page)
    return (
        f'<link rel="icon" href="{LOOK}/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="{address}">'
        f"<style>@media(prefers-color-scheme:dark){{:root:not([data-theme]){{{dark[1]}}}}}{_STYLE}</style>"
    )
