"""Small plants of quality for tests: written as files, taken in as any plant's files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from forgecast.store.plant_folder import PlantFolder
from forgecast.tasks.import_files import import_files
from forgecast.tasks.new_plant import new_plant


def plant_of(folder: Path, tables: Mapping[str, str], *, zone: str = "Asia/Shanghai") -> Path:
    """Make a plant of CSV tables by record and return its folder."""
    place = folder / "plant"
    new_plant(place, name="Works 厂", zone_name=zone)
    files = []
    for record, content in tables.items():
        path = folder / f"{record}.csv"
        path.write_text(content, encoding="utf-8")
        files.append(path)
    with PlantFolder.open(place) as opened:
        report = import_files(opened, files)
    assert [str(finding.reason) for finding in report.findings if str(finding.severity) == "refused"] == []
    return place


#: Ten heats of one ladle and two moulds each; heat 6 is too cold, its pieces are bad, two of them went out.
CHAIN_HEATS = range(1, 13)
COLD = 6


def chain(folder: Path) -> Path:
    """Make a plant of twelve heats whose chain is on record down to the shipment; one heat was too cold."""
    heats, ladles, moulds, pieces, released = [], [], [], [], []
    for n in CHAIN_HEATS:
        at = f"2025-03-{n:02d}"
        # The scatter repeats, so that its moving ranges are known: 4 and 2.
        degrees = 1400 + (0, 4, 2)[n % 3] - (60 if n == COLD else 0)
        heats.append(f"H{n},{at} 08:00,F1,{degrees}")
        released.append(f"heat,H{n},{at} 14:00,release,Q1")
        ladles.append(f"L{n},H{n},{at} 08:10,{degrees - 30}")
        for m in (1, 2):
            moulds.append(f"M{n}-{m},P1,{at} 08:{20 + m},L{n}")
            result, defect = ("reject", "冷隔") if n == COLD and m == 1 else ("good", "")
            if n == max(CHAIN_HEATS) and m == 1:  # a piece to be reworked is no reject
                result, defect = "rework", "冷隔"
            pieces.append(f"P{n}-{m},P1,{at} 08:{20 + m},M{n}-{m},{result},{defect}")
    return plant_of(
        folder,
        {
            "product": "id,name\nP1,Valve\n",
            "heat": "id,tapped_at,furnace,tap_temperature_degC\n" + "\n".join(heats),
            "ladle": "id,heat,filled_at,temperature_degC\n" + "\n".join(ladles),
            "mould": "id,product,poured_at,ladle\n" + "\n".join(moulds),
            "piece": "id,product,made_at,mould,result,defect\n" + "\n".join(pieces),
            "nonconformity": "id,raised_at,stage,piece,defect,count\n"
            f"N1,2025-03-{COLD:02d} 15:00,inspection,P{COLD}-1,冷隔,1\n",
            "action": "id,nonconformity,kind,what,done_at,effective\n"
            f"A1,N1,corrective,Pyrometer set right,2025-03-{COLD:02d} 18:00,yes\n",
            "disposition": "subject,subject_id,decided_at,decision,decided_by\n"
            + "\n".join(released)
            + f"\npiece,P{COLD}-1,2025-03-{COLD:02d} 16:00,scrap,Q1\n",
            "shipment": "id,customer,shipped_at\nS1,Somebody,2025-03-20 10:00\n",
            "shipment_item": f"shipment,piece\nS1,P{COLD}-2\nS1,P1-1\n",
            "failure_mode": "id,step,failure,severity,occurrence,detection,defect\n"
            "FM1,pouring,cold shut,5,2,3,冷隔\nFM2,moulding,sand hole,5,9,3,砂眼\nFM3,pouring,run-out,5,2,3,\n",
        },
    )
