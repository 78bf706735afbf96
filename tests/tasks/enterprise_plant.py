"""A plant whose records of the enterprise are on hand: figures of years, rights, titles, claims, permit, projects."""

from __future__ import annotations

from pathlib import Path

from tests.tasks.making import made_plant

YEARS = {
    # indicator: 2025, 2024, 2023 (money in 10,000 yuan)
    "revenue": (6000, 5600, 5400),
    "main_business_revenue": (5500, 5000, 4500),
    "rd_expense": (700, 600, None),
    "assets": (8000, None, None),
    "liabilities": (4000, None, None),
    "input_vat": (400, None, None),
    "development_score": (62, 55, None),
    "years_in_niche": (8, None, None),
    "market_share": (4, None, None),
    "domestic_rank": (3, None, None),
}
TABLES = {
    "site": "id,name,sector,lead_casting\nS,Works,C3391,no",
    "production": "line,month,route,good_mass_t\n"
    + "\n".join(
        f"L1,{y}-{m:02d},casting,{0 if (y, m) > (2026, 4) else 100}" for y in (2025, 2026) for m in range(1, 7)
    ),
    "year_figure": "year,indicator,value\n"
    + "\n".join(
        f"{2025 - back},{name},{v}" for name, row in YEARS.items() for back, v in enumerate(row) if v is not None
    ),
    "product": "id,name\nP1,Valve",
    "intellectual_property": "id,kind,class_one,granted_on,valid_until,transferred,owner_rank,product\n"
    "A,invention,yes,2020-01-01,2040-01-01,no,1,P1\n"
    "B,invention,yes,2020-01-01,2040-01-01,no,3,\n"
    "C,invention,yes,2020-01-01,2040-01-01,no,4,\n"
    "D,invention,yes,2020-01-01,2040-01-01,yes,1,P1\n"
    "E,invention,yes,2020-01-01,2026-06-29,no,1,P1\n"
    "F,invention,yes,2026-07-01,,no,1,P1\n"
    "G,utility_model,no,2020-01-01,,no,1,P1",
    "honour": "id,kind,level,valid_from,valid_until\n"
    "H1,innovative_sme,,2024-01-01,2026-12-31\n"
    "H2,little_giant,,2023-07-01,2026-06-30\n"
    "H3,champion,,2024-01-01,2026-12-31\n"
    "H4,maturity,三级,2025-01-01,2028-01-01\n"
    "H5,green_factory_national,,2024-01-01,",
    "system_certificate": "id,standard,valid_from,valid_until\n"
    "Q,quality,2024-01-01,2026-06-30\nE,environment,2023-01-01,2026-06-29",
    "claim": "book,requirement,answered_on,degree [1],answered_by\n"
    "incentives,in_vat,2026-01-05,1,Li\nincentives,in_relending,2026-01-05,1,Li\n"
    "gb_39116_2020,im_data,2026-01-05,0.8,Li\ngb_39116_2020,im_data,2026-02-05,0.5,Li\n"
    "gb_39116_2020,im_data,2026-09-05,1,Li",
    "permit": "id,site,kind,valid_from,valid_until\nW,S,key,2024-01-01,2026-12-31",
    "duty_proof": "duty,period_from,period_until,done_on,evidence\n"
    "annual_report,2025-01-01,2025-12-31,2026-02-01,drawer 3\n"
    "quarterly_report,2025-07-01,2025-09-30,2025-10-10,\n"
    "champion_update,2026-01-01,2026-12-31,2026-05-31,\n"
    "green_factory_form,2026-01-01,2026-12-31,2026-04-16,",
    "project": "id,name,kind,route,metal,capacity_t,furnace,energy_tce,filed_on,eia_kind,eia_approved_on,started_on,"
    "emission_budget,permit_on\n"
    "P1,Line 2,expansion,casting,ferrous,100000,cupola,900,2025-01-01,form,2025-03-01,2025-12-01,traded,2025-12-02\n"
    "P2,Forge,new,forging,,20000,gas_furnace,,,form,2026-05-01,,,",
    "investment": "id,bought_on,kind,in_catalogue,cost [CNY],original_base [CNY]\n"
    "I1,2026-03-01,environment,yes,1000000,\nI2,2026-03-02,digital,,600000,1000000\n"
    "I3,2026-03-03,safety,no,500000,\nI4,2026-08-01,environment,yes,900000,",
}


def enterprise_plant(folder: Path) -> Path:
    """Make the plant; its last month of production is June 2026."""
    return made_plant(folder, TABLES)
