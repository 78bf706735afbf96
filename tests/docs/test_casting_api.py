"""The snippets of the page on Python run one after another and say what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "reference" / "casting_api.md"


def test_the_snippets_run_and_give_what_they_name(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks(PAGE.read_text(encoding="utf-8"), "python"):
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102  (it is our own page)
    measures, frozen, design, die, found = (names[one] for one in ("measures", "frozen", "design", "die", "found"))
    # Plate and boss, less what they share: 120 x 120 x 20 mm and 30 mm of a round of 50 mm.
    assert measures.volume == pytest.approx(0.12 * 0.12 * 0.02 + 3.14159265 / 4 * 0.05**2 * 0.03, rel=1e-6)  # type: ignore[attr-defined]
    assert frozen.freezing.effort.finished  # type: ignore[attr-defined]
    assert frozen.freezing.audit.residual < 1e-4  # type: ignore[attr-defined]
    assert design.sound  # type: ignore[attr-defined]
    assert die.cycled.periodic  # type: ignore[attr-defined]
    assert found.value == pytest.approx(1500.0, rel=1e-3)  # type: ignore[attr-defined]
    assert len(capsys.readouterr().out.splitlines()) >= 6


def test_every_function_and_test_that_is_named_exists() -> None:
    content = PAGE.read_text(encoding="utf-8")
    for module, name in re.findall(r"`((?:shape|tasks|gateway)\.\w+)\.(\w+)`", content):
        source = ROOT.joinpath("src", "forgecast", *module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
        assert f"def {name}(" in source, f"{module}.{name}"
    for test in re.findall(r"`(test_\w+\.py)`", content):
        assert Path(ROOT, "tests", "proof", test).is_file(), test
