"""The traced weeks of the made-up plant: two weeks in which the whole chain from charge to shipment is on record."""

from __future__ import annotations

from pathlib import Path

from forgecast.sample.chain_metal import fillings, metal_tables, traced_melts
from forgecast.sample.chain_paper import Made, paper_tables
from forgecast.sample.chain_pieces import annealing_tables, basket_tables, cast_tables, test_tables
from forgecast.sample.files import Style, write_text, write_workbook
from forgecast.sample.heats import Melt
from forgecast.sample.plan import SampleYear
from forgecast.sample.table import Table


def chain_tables(plan: SampleYear, made: list[Melt]) -> tuple[Table, dict[str, Table]]:
    """Return the pieces as inspected, and the other records of the chain by file stem.

    Parameters
    ----------
    plan : SampleYear
    made : list of Melt
        All heats of the year.

    Returns
    -------
    (Table, dict of str to Table)
        The pieces stand apart, because the year's books count them; the baskets (`basket`) are pieces too, but hold
        pieces that are counted already.
    """
    melts = traced_melts(plan, made)
    ladles = fillings(melts)
    mould, piece, cast = cast_tables(plan, ladles)
    basket, step, baskets = basket_tables(cast)
    annealing, load, annealings = annealing_tables(cast)
    tables = metal_tables(plan, melts, ladles)
    tables |= {
        "mould": mould,
        "basket": basket,
        "batch_step": step,
        "heat_treatment": annealing,
        "heat_treatment_load": load,
    }
    tables |= test_tables(plan, ladles, cast, annealings)
    return piece, tables | paper_tables(plan, Made(ladles, cast, baskets, annealings))


def write_chain(folder: Path, plan: SampleYear, tables: dict[str, Table]) -> list[Path]:
    """Write the chain's records as plants have them; the order is the one in which they refer to one another."""
    year = plan.year
    books = (
        (
            f"熔炼追溯{year}.xlsx",
            (("供方", "supplier"), ("物料批", "lot"), ("配料", "charge_item"), ("光谱", "sample"),
             ("测温", "melt_temperature"), ("包次", "ladle"), ("处理", "treatment")),
        ),
        (
            f"检验{year}.xlsx",
            (("产品特性", "characteristic"), ("不确定度", "measurement_uncertainty"), ("热处理", "heat_treatment"),
             ("装炉", "heat_treatment_load"), ("力学试验", "mechanical_test"), ("检验", "inspection")),
        ),
        (
            f"质量{year}.xlsx",
            (("不合格", "nonconformity"), ("措施", "action"), ("失效模式", "failure_mode"), ("处置", "disposition"),
             ("发运", "shipment"), ("发运明细", "shipment_item")),
        ),
    )  # fmt: skip
    texts = (
        (f"moulds_{year}.csv", "mould"),
        (f"baskets_{year}.csv", "basket"),
        (f"steps_{year}.csv", "batch_step"),
        (f"bores_{year}.csv", "measurement"),
    )
    for name, sheets in books:
        write_workbook(folder / name, [(title, tables[record]) for title, record in sheets], Style("zh"))
    for name, record in texts:
        write_text(folder / name, tables[record], Style(time_form="%Y-%m-%d %H:%M:%S"))
    order = (books[0][0], texts[0][0], texts[1][0], texts[2][0], books[1][0], texts[3][0], books[2][0])
    return [folder / name for name in order]
