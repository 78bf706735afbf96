"""A small foundry for tests of energy: two years of meter readings with a measure, a fortnight of quarter hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from tests.tasks.small_plants import plant_of

#: What the plant was made with: electricity of a month without work, of a tonne, and what the measure saves of a tonne.
BASE_KWH, PER_TONNE, SAVED_PER_TONNE = 60_000.0, 620.0, 50.0
#: Power of the furnace while it melts and while it holds, of the rest of the plant at work and at rest.
MELTING_KW, HOLDING_KW, AT_WORK_KW, AT_REST_KW = 1200.0, 90.0, 300.0, 60.0
#: Tariff: valley 0 to 8 h, peak 8 to 12 h and 17 to 21 h, flat else.
PRICES = {"valley": 0.3, "peak": 1.0, "flat": 0.6}
DEMAND_PRICE = 40.0
FIRST = datetime(2025, 5, 31, 16, tzinfo=UTC)  # midnight of 2025-06-01 in Shanghai
DAYS = 14
#: Local hours at which heats begin; each melts an hour, the furnace holds in between and is off at night.
HEATS = (8, 10, 12, 15)
MAP = """zone = "Asia/Shanghai"

[[file]]
match = "quarters.csv"

[file.time]
column = "time"
label = "end"

[file.series.columns]
"main" = { tag = "E-MAIN.kWh", measures = "energy", unit = "kWh", reading = "quantity", interval = "15min", meter = "E-MAIN", low = 0, high = 10000 }
"kvarh" = { tag = "E-MAIN.kvarh", measures = "reactive_energy_lagging", unit = "kvarh", reading = "quantity", interval = "15min", meter = "E-MAIN", low = 0, high = 10000 }
"furnace" = { tag = "IF-1.kW", measures = "active_power", unit = "kW", reading = "mean", interval = "15min", equipment = "IF-1", low = 0, high = 3000 }
"air" = { tag = "CP-1.kW", measures = "active_power", unit = "kW", reading = "mean", interval = "15min", equipment = "CP-1", low = 0, high = 300 }
"""  # noqa: E501  (a table of one line each)


def months() -> list[str]:
    """Return the months on record."""
    return [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(24)]


def production() -> np.ndarray:
    """Return the good tonnes of each month."""
    return np.random.default_rng(50006).uniform(250.0, 420.0, 24).round(1)


def furnace_power() -> np.ndarray:
    """Return the furnace's power in each quarter hour: it melts, holds between heats, and is off else."""
    power = np.zeros(DAYS * 96)
    for day in range(DAYS):
        first, last = HEATS[0], HEATS[-1] + 1
        power[day * 96 + 4 * first : day * 96 + 4 * last] = HOLDING_KW
        for hour in HEATS:
            power[day * 96 + 4 * hour : day * 96 + 4 * hour + 4] = MELTING_KW
    return power


def quarters() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return power of the whole plant, of the furnace and of the compressor in each quarter hour."""
    furnace = furnace_power()
    hour = np.arange(DAYS * 96) % 96 / 4.0
    work = (hour >= HEATS[0] - 1) & (hour < HEATS[-1] + 2)
    air = np.where(work, 100.0, 30.0)
    return furnace + air + np.where(work, AT_WORK_KW, AT_REST_KW), furnace, air


def energy_plant(folder: Path) -> Path:
    """Make the plant below a folder and return its own folder."""
    made = production()
    noise = np.random.default_rng(1).normal(0.0, 1500.0, 24)
    after = np.array([month >= "2025-02" for month in months()])
    main = BASE_KWH + (PER_TONNE - SAVED_PER_TONNE * after) * made + noise
    melt, rest = 0.6 * main, 0.37 * main
    # In one month the melting meter counts two phases of three; another is not read at all.
    shown = np.where([month == "2025-09" for month in months()], melt * 2.0 / 3.0, melt)
    readings = [
        f"{name},{month},{value:.1f}"
        for name, values in (("E-MAIN", main), ("E-MELT", shown), ("E-REST", rest))
        for month, value in zip(months(), values, strict=True)
        if (name, month) != ("E-REST", "2025-11")
    ]
    heats = []
    for day in range(DAYS):
        for n, hour in enumerate(HEATS):
            begun = datetime(2025, 6, 1) + timedelta(days=day, hours=hour)  # noqa: DTZ001  (the plant's clock)
            tapped = begun + timedelta(hours=1)
            heats.append(f"H{day:02d}{n},{begun:%Y-%m-%d %H:%M},{tapped:%Y-%m-%d %H:%M},IF-1,2000,{MELTING_KW:.0f}")
    periods = [("valley", "00:00", "08:00"), ("peak", "08:00", "12:00"), ("flat", "12:00", "17:00"),
               ("peak", "17:00", "21:00"), ("flat", "21:00", "24:00")]  # fmt: skip
    place = plant_of(
        folder,
        {
            "equipment": "id,name,kind,in_use_from\nIF-1,Furnace,induction_furnace,2020-01-01\n"
            "CP-1,Compressor,compressor,2025-03-01\n",
            "meter": "id,name,carrier,unit,parent,accuracy_percent,tariff\nE-MAIN,Main,electricity,kWh,,0.5,T1\n"
            "E-MELT,Melting,electricity,kWh,E-MAIN,1,\nE-REST,Rest,electricity,kWh,E-MAIN,1,\n",
            "meter_reading": "meter,month,quantity\n" + "\n".join(readings) + "\n",
            "production": "month,line,route,good_mass_t\n"
            + "".join(f"{month},L1,casting,{mass}\n" for month, mass in zip(months(), made, strict=True)),
            "heat": "id,started_at,tapped_at,furnace,mass [kg],energy_kWh\n" + "\n".join(heats) + "\n",
            "energy_measure": "id,name,meter,begun_on,done_on,expected_saving_kWh\n"
            "M1,New lids,E-MAIN,2025-01-01,2025-02-01,200000\n",
            "tariff": "id,valid_from,demand_basis,demand_price [CNY],required_power_factor [1]\n"
            f"T1,2024-01-01,metered_demand,{DEMAND_PRICE},0.9\n",
            "tariff_period": "tariff,valid_from,number,kind,months,starts,ends,price_per_kWh [CNY]\n"
            + "".join(f"T1,2024-01-01,{n},{kind},1-12,{start},{end},{PRICES[kind]}\n"
                      for n, (kind, start, end) in enumerate(periods, 1)),
        },
    )  # fmt: skip
    total, furnace, air = quarters()
    rows = []
    for n in range(DAYS * 96):
        end = datetime(2025, 6, 1) + timedelta(minutes=15 * (n + 1))  # noqa: DTZ001
        rows.append(f"{end:%Y-%m-%d %H:%M},{total[n] / 4:.3f},{total[n] / 8:.3f},{furnace[n]:.1f},{air[n]:.1f}")
    table, own_map = folder / "quarters.csv", folder / "quarters.toml"
    table.write_text("time,main,kvarh,furnace,air\n" + "\n".join(rows) + "\n", encoding="utf-8")
    own_map.write_text(MAP, encoding="utf-8")
    with PlantFolder.open(place) as opened:
        import_files(opened, [table], map_path=own_map)
    return place
