"""What a door is asked is refused at the door where nothing could be worked out with it, and not by a defect behind."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from forgecast.app.doors.door import Door
from forgecast.app.doors.shelf import door_of, doors


def _days(door: Door[Any]) -> list[str]:
    return [
        name
        for name, field in door.asks.model_fields.items()
        if date in (field.annotation, *get_args(field.annotation))
    ]


def test_no_door_takes_a_day_that_no_plant_has_seen() -> None:
    # A clause that is filled in may hold from any day on.
    asked = {name: _days(door) for name, door in doors().items() if _days(door) and name != "rules/fill"}
    assert {"rules/assessment", "standing/home", "quality/losses"} <= set(asked)
    for door, fields in asked.items():
        for field in fields:
            for day in ("0178-12-01", "9999-12-31"):
                with pytest.raises(ValidationError) as caught:
                    door_of(door).asks.model_validate({field: day})
                assert (field,) in [one["loc"] for one in caught.value.errors()], f"{door} {field}"


@pytest.mark.parametrize("door", ["quality/losses", "quality/pareto"])
def test_by_no_label_at_all_nothing_is_sorted(door: str) -> None:
    with pytest.raises(ValidationError):
        door_of(door).asks.model_validate({"by": ""})
