"""Which column of a table feeds which field of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

