"""What pages of forging share: metals to choose from, a form that stands in the address with uploads beside it."""

from __future__ import annotations

from forgecast.app.doors.door import NoQuestion
from forgecast.app.doors.forging.flow_stress import METALS
from forgecast.app.pages.address_form import AddressForm
from forgecast.app.pages.parts import Words, choice_field, number_field, upload_field
from forgecast.app.pages.visit import Visit
from forgecast.ground.texts import text

TABLES = ".csv,.xlsx,.tsv,.parquet"


async def metal_choices(visit: Visit) -> dict[str, Words]:
    """Return the metals whose flow stress is shipped."""
    answered = await visit.ask(METALS, NoQuestion())
    return {one["name"]: f"{visit.say(one['title'])} · {one['name']}" for one in answered.read()["metals"]}


async def place_metal(visit: Visit, form: AddressForm) -> None:
    """Place the metal of a forging with what is known of it at forging temperature."""
    form.field("metal", choice_field(visit, text("Flow stress"), await metal_choices(visit), search=True))
    for key, words, unit in (
        ("density_kg_per_m3", text("Density"), "kg/m³"),
        ("specific_heat_J_per_kgK", text("Specific heat"), "J/(kg·K)"),
        ("conductivity_W_per_mK", text("Conductivity"), "W/(m·K)"),
    ):
        form.field(key, number_field(visit, words, unit=unit, least=0, hint=text("at forging temperature")))


def numbers(visit: Visit, form: AddressForm, rows: tuple[tuple[str, Words, str], ...]) -> None:
    """Place fields for numbers: name in the address, label, unit."""
    for key, words, unit in rows:
        form.field(key, number_field(visit, words, unit=unit))


def place_upload(
    visit: Visit, form: AddressForm, key: str, words: Words, accept: str = TABLES, hint: Words = None
) -> None:
    """Place a field for a file whose id goes into the address."""
    kept, name = visit.query.get(key), visit.query.get(f"{key}_name", "")
    if kept:
        form.put(key, kept)
        form.put(f"{key}_name", name)

    def take(upload_id: str, file_name: str) -> None:
        form.put(key, upload_id)
        form.put(f"{key}_name", file_name)

    upload_field(visit, words, accept=accept, kept=take, hint=name or hint)
