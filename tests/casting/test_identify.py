"""Identification of an interface: records are read with their units, what cannot be told is said."""

from __future__ import annotations

import numpy as np
import pytest

from forgecast.casting.identify import IdentifyError, Unknown, autocorrelation, identify, profile_interval
from forgecast.casting.interface_model import Knots, Plate, plate_layout
from forgecast.casting.probe import probe
from forgecast.casting.thermocouple import RecordError, ThermocoupleRecord
from forgecast.gateway.thermocouple import read_thermocouples
from forgecast.ground.errors import ForgecastError
from forgecast.metal.error import MaterialError
from forgecast.metal.media import medium
from forgecast.tasks.identify_interface import identify_interface, plate_trial

KELVIN = 273.15


def record(
    time=(0.0, 1.0, 2.0), temperature=((900.0, 500.0), (880.0, 510.0), (870.0, 520.0)), place=((-0.01,), (0.01,))
):
    return ThermocoupleRecord("trial", np.array(time), np.array(temperature), ("a", "b"), np.array(place))


def csv(tmp_path, text):
    path = tmp_path / "trial.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_record_is_read_with_its_units(tmp_path):
    got = read_thermocouples(
        csv(
            tmp_path, "time [min],TC1 @ -10 mm [degC],remark,型芯 @ 0.5 cm (K)\n0,700,pour,300\n0.5,,,310\n1,650,,N/A\n"
        )
    )
    assert got.time.tolist() == [0.0, 30.0, 60.0]
    assert got.thermocouples == ("TC1", "型芯")
    assert got.place == pytest.approx(np.array([[-0.010], [0.005]]))
    assert got.temperature[:, 0] == pytest.approx([700.0 + KELVIN, np.nan, 650.0 + KELVIN], nan_ok=True)
    assert got.temperature[:, 1] == pytest.approx([300.0, 310.0, np.nan], nan_ok=True)


def test_places_in_a_layout_have_three_coordinates(tmp_path):
    got = read_thermocouples(csv(tmp_path, "t/s;A @ 1 -2 3.5 mm [°C];B @ 0 0 0 mm [°C]\n0;20;30\n1;21;31\n"))
    assert got.place == pytest.approx(np.array([[0.001, -0.002, 0.0035], [0.0, 0.0, 0.0]]))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("time,a @ 1 mm [degC]\n0,20\n1,21\n", "0 columns have a unit of time"),
        ("time [s],t2 [s],a @ 1 mm [degC]\n0,0,20\n1,1,21\n", "2 columns have a unit of time"),
        ("time [s],a @ 1 mm\n0,20\n1,21\n", "in which unit"),
        ("time [s],a @ 1 [degC]\n0,20\n1,21\n", "does not say where"),
        ("time [s],a @ 1 kg [degC]\n0,20\n1,21\n", "does not say where"),
        ("time [s],a [degC]\n0,20\n1,21\n", "does not say where"),
        ("time [s],a @ 1 2 mm [degC]\n0,20\n1,21\n", "does not say where"),
        ("time [s],a @ 1 mm [degC],b @ 1 2 3 mm [degC]\n0,20,1\n1,21,2\n", "one coordinate and others three"),
        ("time [s],a @ 1 mm [degC]\n0,20\n1,hot\n", "hot is no number"),
        ("time [s],a @ 1 mm [degC],b @ 2 mm [degC]\n0,20,\n1,21,\n", "b has no reading"),
        ("time [s],a @ 1 mm [degC]\n0,20\n2,21\n1,22\n", "time does not rise"),
        ("time [s],a @ 1 mm [degC]\n0,20\n1,20\n", "ever changes"),
        ("time [s],a @ 1 mm [degC]\n-1,20\n1,21\n", "before the pour"),
        ("time [s],a @ 1 mm [degC]\n,20\n1,21\n", "before the pour"),
        ("time [s],note\n0,a\n1,b\n", "0 thermocouples"),
    ],
)
def test_tables_that_do_not_say_all_are_refused(tmp_path, table, message):
    with pytest.raises(RecordError, match=message):
        read_thermocouples(csv(tmp_path, table))


def test_a_record_made_in_python_is_checked_too():
    with pytest.raises(RecordError, match="2 places for 3 times"):
        record(temperature=((1.0, 2.0),))
    with pytest.raises(RecordError, match="where the thermocouple b sits"):
        record(place=((0.0,), (np.nan,)))
    assert record().thinned(2).time.tolist() == [0.0, 2.0]
    assert record().thinned(3) is not None


@pytest.fixture(scope="module")
def layout():
    return plate_trial(
        "A356", "h13", half_thickness=0.01, mould_thickness=0.03,
        pour_temperature=700.0 + KELVIN, mould_temperature=200.0 + KELVIN,
    )  # fmt: skip


def test_a_probe_is_exact_for_a_linear_field_up_to_the_interface(layout):
    """Slopes of their own on both sides, and a jump between: no side may look across."""
    x = layout.grid.centres[0]
    field = np.where(x < 0.0, 900.0 + 1000.0 * x, 500.0 - 3000.0 * x).astype(np.float32)
    place = np.array([[-0.01], [-0.004], [-1e-6], [1e-6], [0.013], [0.03]])
    value, slope = probe(layout, place, list("abcdef")).read(field)
    wanted = np.where(place[:, 0] < 0.0, 900.0 + 1000.0 * place[:, 0], 500.0 - 3000.0 * place[:, 0])
    # Single precision of the field.
    assert value == pytest.approx(wanted, abs=1e-3)
    assert slope[:, 0] == pytest.approx([1000.0] * 3 + [-3000.0] * 3, rel=1e-3)


@pytest.mark.parametrize(("at", "message"), [(-0.02, "outside -10.0 to 30.0 mm"), (0.031, "outside")])
def test_a_thermocouple_outside_is_refused_before_a_run(layout, at, message):
    with pytest.raises(RecordError, match=message):
        identify_interface(record(place=((0.01,), (at,))), layout)


def test_fewer_readings_than_parameters_are_refused(layout):
    sparse = record(temperature=((900.0, np.nan), (np.nan, 500.0), (880.0, np.nan)))
    with pytest.raises(IdentifyError, match="3 readings for 3 free parameters"):
        identify_interface(sparse, layout, over="time", at=(0.0, 1.0, 2.0))
    with pytest.raises(IdentifyError, match="h starts at"):
        identify_interface(record(), layout, start=0.5)


def test_knots_and_plates_that_make_no_sense_are_refused():
    for over, at in (("constant", [1.0, 2.0]), ("time", [1.0, 1.0]), ("temperature", [])):
        with pytest.raises(ForgecastError, match="knots of the interface coefficient"):
            Knots(over, np.array(at))
    with pytest.raises(ForgecastError, match="mm thick"):
        plate_layout(Plate(medium("h13"), medium("h13"), 0.0, 0.01, 500.0, 400.0))
    with pytest.raises(MaterialError, match="covers"):
        plate_trial("A356", "h13", half_thickness=0.01, mould_thickness=0.03, pour_temperature=3000.0,
                    mould_temperature=400.0)  # fmt: skip


def test_what_the_temperatures_do_not_depend_on_is_said():
    """A second parameter that changes nothing, and two that only act as their product."""
    rows = np.linspace(0.0, 1.0, 50)[:, None]
    rng = np.random.default_rng(3)

    def deaf(p):
        return np.log(p[0]) * rows + 0.0 * p[1]

    pair = [Unknown("a", 1.0, 1e-3, 1e3), Unknown("b", 1.0, 1e-3, 1e3)]
    got = identify(deaf, deaf(np.array([2.0, 1.0])) + rng.normal(0.0, 0.01, rows.shape), pair)
    codes = {(finding.code, finding.place.column) for finding in got.findings}
    assert ("insensitive-parameter", "b") in codes
    assert ("insensitive-parameter", "a") not in codes
    assert got.condition > 1e6

    def product(p):
        return np.log(p[0] * p[1]) * rows

    measured = product(np.array([2.0, 1.0])) + rng.normal(0.0, 0.01, rows.shape)
    got = identify(product, measured, pair)
    assert "not-separable" in {finding.code for finding in got.findings}
    assert profile_interval(product, measured, pair, got) == (None, None)


def test_a_value_at_its_bound_is_said():
    rows = np.linspace(0.0, 1.0, 50)[:, None]
    got = identify(lambda p: np.log(p[0]) * rows, np.log(50.0) * rows, [Unknown("a", 5.0, 1.0, 10.0)])
    assert "at-bound" in {finding.code for finding in got.findings}
    assert got.estimates[0].value == pytest.approx(10.0, rel=1e-6)


def test_a_model_that_gives_no_number_is_refused():
    with pytest.raises(IdentifyError, match="no temperature for some"):
        identify(lambda _: np.full((3, 1), np.nan), np.arange(3.0)[:, None], [Unknown("a", 1.0, 0.1, 10.0)])


def test_autocorrelation_does_not_cross_gaps():
    """1, 1, gap, -1, -1: both pairs that exist are alike; across the gap lies the only change."""
    assert autocorrelation(np.array([[1.0], [1.0], [np.nan], [-1.0], [-1.0]])) == pytest.approx(0.99)
    assert autocorrelation(np.array([[1.0], [-1.0], [1.0]])) == pytest.approx(-0.99)
    assert autocorrelation(np.zeros((3, 1))) == 0.0


def test_the_result_speaks_json_and_goes_into_a_run(layout):
    temperature = np.column_stack([973.0 - 30.0 * np.arange(8.0), 473.0 + 12.0 * np.arange(8.0)])
    got = identify_interface(record(np.arange(8.0), temperature, ((-0.01,), (0.002,))), layout, most_rows=4)
    said = got.as_json()
    assert said["used_rows"] == 4
    assert {"record-thinned", "places-exact"} <= {finding["code"] for finding in said["findings"]}
    assert said["coefficients_W_per_m2_K"][0]["value"] == got.contact.coefficient[0]
    assert got.sources
