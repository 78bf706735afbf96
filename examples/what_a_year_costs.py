"""What a year of electricity costs: hours of use, the peak, the power factor, and whether the year drifts.

Data. Steel Industry Energy Consumption, UCI 851 (V E Sathishkumar et al.), 2018; licence class A-: CC BY 4.0 as
recalled, not confirmed. Real values. The tariff in plants/steel_tariff is made up by this example: no contract.

What is seen. The file's 0:00 rows belong to the next day; the import moves them, and the year is whole: 35,040 quarter
hours, peak 628.72 kW. What the power factor costs stays unknown: no table of adjustment is given. CUSUM: days against
the first quarter's, weekends told apart. No tonnage is on record, so a drift is a drift and no saving.

Reference. E. S. Page, Biometrika 41 (1954) 100-115, doi:10.1093/biomet/41.1-2.100 (cumulative sums).
Run: python examples/what_a_year_costs.py --data ../shared/data --out year_costs
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from forgecast.app.energy.load_picture import draw_load
from forgecast.app.quality.canvas import CALM, canvas, dress, heading
from forgecast.energy.driver_model import fit_drivers
from forgecast.energy.savings import Savings, savings
from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.bill_energy import Cost, bill_energy
from forgecast.tasks.energy_series import added_up, stretches, view_of
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant

HERE = Path(__file__).resolve().parent
FIRST_QUARTER = 90


def run(data: Path, folder: Path) -> tuple[Cost, Savings]:
    """Bill the year of the data set below `data` in a plant at `folder`; hold its days against the first quarter."""
    if not folder.exists():  # a second run takes nothing twice
        new_plant(folder, name="Steel plant of UCI 851 数据集UCI 851的钢铁厂", zone_name="Asia/Seoul")
    with PlantFolder.open(folder) as plant:
        import_files(plant, sorted((HERE / "plants").glob("steel*/*.csv")))
        readings = data / "steel-energy-15min" / "steel_industry_2018.csv.gz"
        import_files(plant, [readings], map_path=HERE / "maps" / "steel_energy.toml")
        cost = bill_energy(plant, since=date(2018, 1, 1), until=date(2018, 12, 31))
        days = stretches(view_of(plant, date(2018, 1, 1), date(2018, 12, 31)), "day")
    energy = added_up(cost.intervals, days.edges_us)
    weekday = np.array([float(date.fromisoformat(day).weekday() < 5) for day in days.names])
    model = fit_drivers(energy[:FIRST_QUARTER], {"weekday": weekday[:FIRST_QUARTER]})
    return cost, savings(model, energy[FIRST_QUARTER:], {"weekday": weekday[FIRST_QUARTER:]})


def main() -> None:
    """Print the bill, and draw the load and the CUSUM."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds steel-energy-15min")
    parser.add_argument("--out", type=Path, required=True, help="folder for the plant and the pictures")
    given = parser.parse_args()
    if not (given.data / "steel-energy-15min").is_dir():
        parser.error("no steel-energy-15min there: UCI Machine Learning Repository, data set 851, says where to get it")
    given.out.mkdir(parents=True, exist_ok=True)
    cost, drift = run(given.data, given.out / "plant")
    for one in cost.bills:
        said = f"{sum(one.energy_cost.values()):,.0f} CNY energy, {one.demand_cost:,.0f} CNY demand"
        print(f"{one.month}: {said}, peak {one.demand_kW:.1f} kW, cos phi {one.power_factor:.3f}")
    print(f"less than in the first quarter: {drift.saved:,.0f} kWh ({drift.low:,.0f} to {drift.high:,.0f})")
    draw_load(cost, given.out / "load.png", "en")
    with canvas(given.out / "cusum.png", 9.8, 3.6) as figure:
        axes = figure.add_axes((0.1, 0.16, 0.87, 0.6))
        x = np.arange(drift.cusum.size) + FIRST_QUARTER
        axes.fill_between(x, drift.cusum - drift.cusum_half, drift.cusum + drift.cusum_half, color=CALM, alpha=0.2)
        axes.plot(x, drift.cusum, color=CALM)
        axes.set_xlabel("day of 2018", fontsize=8)
        axes.set_ylabel("less used than in the first quarter [kWh]", fontsize=8)
        dress(axes)
        heading(figure, "CUSUM of days", "band: 95 % interval; weekends told apart", left=0.3)


if __name__ == "__main__":
    main()
