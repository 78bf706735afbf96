"""A small plant whose carbon can be reckoned by hand: one month, one furnace of known energy, one product."""

from __future__ import annotations

from pathlib import Path

from tests.tasks.small_plants import plant_of

#: 10 t poured, 5 t good; one heat of 2 t with 1.6 t pig iron, 0.5 t returns, 1200 kWh; the line drew 8000 kWh, the
#: plant 10000 kWh and 500 m3 of gas. Own factors: electricity stays the shipped 0.5306, pig iron 2 kgCO2e/kg.
TABLES = {
    "site": "id,name,sector\nS1,Works,C3391\n",
    "product": "id,name,route,mass [kg],cn_code,cbam_route\nP1,Pipe,casting,20,73030010,\nP2,Bracket,casting,3,,\n"
    "P3,Cover,casting,4,73259910,\n",
    "equipment": "id,kind,line\nF1,induction_furnace,L1\n",
    "meter": "id,carrier,unit,parent,line,accuracy_percent\nE0,electricity,kWh,,,1\nE1,electricity,kWh,E0,L1,2\n"
    "G0,natural_gas,m3,,,\n",
    "meter_reading": "meter,month,quantity\nE0,2025-05,10000\nE1,2025-05,8000\nG0,2025-05,500\n",
    "production": "month,line,route,good_mass_t [t],metal_mass_t [t]\n2025-05,L1,casting,5,10\n",
    "heat": "id,tapped_at,furnace,mass [kg],energy_kWh [kWh]\nH1,2025-05-10 08:00,F1,2000,1200\n",
    "supplier": "id,name\nV1,Pig and Sons\n",
    "lot": "id,supplier,material,received_at,mass [kg]\nLOT1,V1,pig_iron,2025-05-01 08:00,50000\n",
    "charge_item": "heat,number,material,lot,mass [kg]\nH1,1,pig_iron,LOT1,1600\nH1,2,returns,,500\n",
    "piece": "id,product,made_at,heat,count\nB1,P1,2025-05-10 09:00,H1,40\nB2,P2,2025-05-10 09:00,H1,40\n"
    "B3,P3,2025-05-10 09:00,H1,40\n",
    "material": "month,material,direction,mass_t [t]\n2025-05,pig_iron,bought,20\n2025-05,new_sand,used,1\n",
    "emission_factor": "id,item,category,value,unit,uncertainty_percent,source\n"
    "F-PIG,pig_iron,material,2,kgCO2e/kg,10,declared by the maker\n"
    "F-SAND,new_sand,material,0.02,kgCO2e/kg,,a book of ours\n",
}
DECLARED = (
    "id,supplier,material,direct_t_per_t,cn_code,verified,source\n"
    "D1,V1,pig_iron,1.5,7201,yes,declaration 7 of the maker\n"
)


def carbon_plant(folder: Path, **tables: str) -> Path:
    """Make the plant; tables given replace or add to its own."""
    return plant_of(folder, {**TABLES, **tables})
