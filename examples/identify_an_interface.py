"""Identify an interface coefficient: what thermocouples in a plate trial tell of the heat that metal and die exchange.

Problem. A plate of A356, 30 mm thick, is cast between two dies of H13 at 200 degC. One thermocouple sits in the metal
and three in the die. Which interface coefficient did the trial have, and how sure is that?

Equations. Heat in plate and die by finite volumes; the coefficient h is the one whose temperatures fit the readings
best by least squares. Its interval follows from the sensitivities and from what the fit leaves over.

Data. SYNTHETIC: the readings are computed here with h = 1500 W/(m2 K) on a finer grid than the fit uses, and a noise
of 1 K is added. Nobody has measured them. A file of a real trial is read by
`forgecast.gateway.thermocouple.read_thermocouples` or given to `forgecast casting identify`.

What is seen. The coefficient comes back and the truth lies in its interval. Half a millimetre of doubt about the places
of the thermocouples makes it three times as wide.

Reference. `forgecast.tasks.identify_interface`; proofs: tests/proof/test_identify_proofs.py.

Run: python examples/identify_an_interface.py
"""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from forgecast.casting.interface_model import PLATE_PAIR, InterfaceModel, Knots, Plate, plate_layout
from forgecast.casting.thermocouple import ThermocoupleRecord
from forgecast.metal.alloy import alloy
from forgecast.metal.media import medium
from forgecast.tasks.identify_interface import InterfaceIdentified, identify_interface, plate_trial

TRUE, NOISE = 1500.0, 1.0
HALF, DIE, POURED, DIE_AT = 0.015, 0.060, 973.15, 473.15
PLACES = {"casting": -0.010, "die 2 mm": 0.002, "die 5 mm": 0.005, "die 15 mm": 0.015}
TIME = np.linspace(0.5, 40.0, 40)


def synthetic_record() -> ThermocoupleRecord:
    """Return what the thermocouples would have read, with noise."""
    place = np.array(list(PLACES.values()))[:, None]
    blank = np.linspace(300.0, 400.0, len(TIME))[:, None] * np.ones(len(PLACES))
    empty = ThermocoupleRecord("SYNTHETIC trial", TIME, blank, tuple(PLACES), place)
    plate = Plate(alloy("A356").medium(), medium("h13"), HALF, DIE, POURED, DIE_AT)
    knots = Knots("constant", np.zeros(1))
    exact = InterfaceModel(plate_layout(plate, first=1 / 120, growth=1.04), PLATE_PAIR, knots, empty)(np.array([TRUE]))
    noisy = exact + np.random.default_rng(7).normal(0.0, NOISE, exact.shape)
    return ThermocoupleRecord(empty.name, TIME, noisy, empty.thermocouples, place)


def run(place_error: float = 0.0) -> InterfaceIdentified:
    """Identify the coefficient, with a standard error of the thermocouples' places [m]."""
    layout = plate_trial(
        "A356", "h13",
        half_thickness=HALF, mould_thickness=DIE, pour_temperature=POURED, mould_temperature=DIE_AT,
    )  # fmt: skip
    return identify_interface(synthetic_record(), layout, place_error=place_error)


def main() -> None:
    """Print the coefficient and its interval, places exact and in doubt."""
    table = Table("places 位置", "h W/(m2 K)", "95 %", "noise 噪声 K", title=f"SYNTHETIC 合成数据: h = {TRUE:.0f}")
    for name, error in (("exact 精确", 0.0), ("± 0.5 mm", 0.0005)):
        fit = run(error).fit
        h = fit.estimates[0]
        table.add_row(name, f"{h.value:.0f}", f"{h.low:.0f} … {h.high:.0f}", f"{fit.noise:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
