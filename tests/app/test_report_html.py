"""The HTML report: one file, well formed, no request to anybody, readable by everybody."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser
from importlib import resources

import pytest

from forgecast.app.report import render_html
from forgecast.ground.texts import Language
from forgecast.tasks.assessment import Assessment
from tests.app.made_up_assessment import HOSTILE, made_up_assessment

LANGUAGES: tuple[Language, ...] = ("en", "zh")
VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Reads a page, refusing elements that are closed in the wrong order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.said.append(data)

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


@lru_cache(maxsize=2)
def source(language: Language) -> str:
    return render_html(made_up_assessment(), language)


@lru_cache(maxsize=2)
def page(language: Language) -> Page:
    return Page(source(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed_and_knows_its_language(language: Language) -> None:
    read = page(language)
    assert read.open == []
    assert read.of("html")[0]["lang"] == {"en": "en", "zh": "zh-CN"}[language]
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(link["href"]).removeprefix("#") for link in read.of("a")}
    assert targets <= set(ids)
    assert len(read.of("h1")) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_nobody_for_anything(language: Language) -> None:
    for tag, attributes in page(language).elements:
        assert tag not in ("script", "link", "iframe", "object", "base")
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "poster", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:", "#")), value
    assert all(url.startswith("data:") for url in re.findall(r'url\("?([^")]*)', source(language)))
    assert "@import" not in source(language).replace("#import", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_and_pictures_can_be_understood_without_seeing_them(language: Language) -> None:
    read = page(language)
    assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in read.of("th"))
    assert all(image.get("alt") for image in read.of("img"))
    assert len(read.of("details")) >= len(made_up_assessment().verdicts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_users_wrote_is_text(synthetic: Assessment, language: Language) -> None:
    said = "".join(page(language).said)
    assert HOSTILE in said
    assert "<script" not in source(language)
    for verdict in synthetic.verdicts:
        assert verdict.id in said
    for node in ("cems_2025_DA001.csv.gz:1700:pm", "gb-39726-2020/limits.yaml:table-1"):
        assert node in said


def test_an_empty_assessment_is_a_page_too(calm: Assessment) -> None:
    read = Page(render_html(calm, "en"))
    said = "".join(read.said)
    assert "No defect was found" in said
    assert "SYNTHETIC" not in said


def test_the_same_assessment_is_the_same_page(synthetic: Assessment) -> None:
    assert render_html(synthetic, "zh") == source("zh")


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_text_can_be_read_on_its_ground() -> None:
    css = (resources.files("forgecast.app.report") / "report.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))
    tones = [name for name in colours if f"{name}-wash" in colours]
    assert len(tones) == 5
    pairs = [(name, ground) for name in tones for ground in (f"{name}-wash", "paper", "wash")]
    pairs += [(name, ground) for name in ("ink", "soft", "accent") for ground in ("paper", "wash")]
    # 4.5 : 1 is what WCAG 2.2 asks of text at level AA (success criterion 1.4.3).
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert not {pair: value for pair, value in weak.items() if value < 4.5}
