"""The measures of the library that fit a plant, with their effects on its streams, and why others do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Text, text, verbatim
from forgecast.planning.effects import (
    converted,
    heat_as_fuel,
    induction_for_gas,
    new_outlet,
    saving,
    yield_factor,
)
from forgecast.planning.library import Kind, credits_for, kinds
from forgecast.planning.problem import Effect, Measure
from forgecast.tasks.energy_figures import own_factors
from forgecast.tasks.plan_base import MeterStream, PlanBase
from forgecast.tasks.plant_view import Row

_MJ_IN_KWH: Final = 3.6
_LINE_NOT_MEASURED: Final = text(
    "no meter counts its energy alone: record `meter`, fields `equipment`, `line`, `purpose`"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A measure for one machine, stack or line; what it would cost comes from the library or a quotation.

    Parameters
    ----------
    subject : str
        Machine, stack or line; empty for the plant.
    name : str
        Name of it, as on record.
    size : float
        Amount of the cost basis; NaN where not known.
    effects : tuple of Effect
    how : Text
    """

    subject: str
    name: str
    size: float
    effects: tuple[Effect, ...]
    how: Text


@dataclass(frozen=True, slots=True)
class Left:
    """A measure of the library that is not in the plan, and why."""

    kind: str
    title: Text
    subject: str
    why: Text


Found = Proposal | Left
Finder = Callable[[PlanBase, Kind], Iterator[Found]]


def plan_measures(base: PlanBase, *, with_credits: bool = False) -> tuple[tuple[Measure, ...], tuple[Left, ...]]:
    """Return the measures that fit a plant, and those that do not.

    Parameters
    ----------
    base : PlanBase
    with_credits : bool
        Whether tax credits are counted; that a machine is in the catalogue is for the plant to say.

    Raises
    ------
    ForgecastError
        If a row of the record `plan_measure` names a kind that the library does not have.
    """
    rows = _own_rows(base)
    measures: list[Measure] = []
    left: list[Left] = []
    for kind in kinds().values():
        for found in FINDERS[kind.id](base, kind):
            if isinstance(found, Left):
                left.append(found)
                continue
            row = _row_for(rows.get(kind.id, []), found)
            made = _measure(kind, found, row, with_credits=with_credits)
            if made is None:
                why = text("how large it would be is not on record, nor a quotation: record `plan_measure`")
                left.append(Left(kind.id, kind.title, found.subject, why))
            else:
                measures.append(made)
    return _tied(measures), tuple(left)


def _own_rows(base: PlanBase) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in base.view.rows("plan_measure"):
        if row.text("kind") not in kinds():
            raise ForgecastError(
                text("the library has no measure {kind}", kind=row.text("kind")),
                where=row.place,
                repair=text("use one of: {names}", names=", ".join(kinds())),
            )
        found.setdefault(row.text("kind"), []).append(row)
    return found


def _row_for(rows: list[Row], found: Proposal) -> Row | None:
    """Return the plant's own row for a proposal: that of the same machine, stack or line, else one that names none.

    A measure for the whole plant takes the first row of its kind, whatever machine it names.
    """
    if not found.subject:
        return next(iter(rows), None)
    named = [row for row in rows if found.subject in (row.text("equipment"), row.text("stack"), row.text("line"))]
    general = [row for row in rows if not any(row.text(name) for name in ("equipment", "stack", "line"))]
    return next(iter([*named, *general]), None)


def _measure(kind: Kind, found: Proposal, row: Row | None, *, with_credits: bool) -> Measure | None:
    cost, source, estimate = kind.cost * found.size, kind.source, kind.estimate
    quoted = math.nan if row is None else row.number_of("cost")
    if row is not None and math.isfinite(quoted):
        cost, estimate = quoted, not row.text("source")
        source = verbatim(f"{row.text('source') or '—'} ({row.place})")
    if not math.isfinite(cost):
        return None
    own = (lambda _name: math.nan) if row is None else row.number_of
    yearly, life, earliest = own("yearly_cost"), own("lifetime"), own("earliest")
    return Measure(
        id=f"{kind.id}/{found.subject}" if found.subject else kind.id,
        kind=kind.id,
        title=kind.title,
        subject=found.subject,
        cost=cost,
        lifetime=life if life > 0.0 else kind.lifetime,
        effects=found.effects,
        source=source,
        how=found.how,
        yearly_cost=yearly if math.isfinite(yearly) else kind.yearly_share * cost,
        delay=kind.delay,
        earliest=int(earliest) if math.isfinite(earliest) else None,
        estimate=estimate,
        credits=credits_for(kind.investment_kind) if with_credits else (),
    )


#: Kinds of which a machine, or the plant, takes one at most.
RIVALS: Final = (
    frozenset({"cupola_to_induction", "cupola_waste_heat"}),
    frozenset({"furnace_recuperator", "regenerative_burners", "induction_heating"}),
    frozenset({"furnace_lining", "induction_heating"}),
)


def _tied(measures: list[Measure]) -> tuple[Measure, ...]:
    """Return the measures with what excludes what: rivals on the same machine."""
    tied = []
    for one in measures:
        others = {
            other.id
            for other in measures
            for rivals in RIVALS
            if other.id != one.id and {one.kind, other.kind} <= rivals and one.kind != other.kind
            and one.subject == other.subject
        }  # fmt: skip
        tied.append(replace(one, excludes=frozenset(others)))
    return tuple(tied)


def _left(kind: Kind, why: Text, subject: str = "") -> Left:
    return Left(kind.id, kind.title, subject, why)


def _named(row: Row) -> str:
    return row.text("name") or row.text("id")


def _meters(base: PlanBase, carrier: str, **wanted: str) -> list[MeterStream]:
    """Return the meter streams of a carrier whose meter has the fields wanted."""
    return [
        one
        for one in base.meters
        if one.carrier == carrier and all(one.meter.text(name) == value for name, value in wanted.items())
    ]


def _stack_of(base: PlanBase, equipment: str) -> str | None:
    return next((name for name, one in base.stacks.items() if one.stack.text("equipment") == equipment), None)


def _calorific_kWh(base: PlanBase, carrier: str) -> float:
    found, why = own_factors(base.view).find("net_calorific_value", carrier, on=base.view.at)
    return math.nan if found is None or why is not None else found.value / _MJ_IN_KWH


def _own_melting(base: PlanBase, kind: Kind) -> tuple[float, bool]:
    """Return kWh a tonne melted by induction: of the plant's own lines without a cupola, else of the library."""
    cupola_lines = {row.text("line") for row in base.equipment("cupola")}
    for one in _meters(base, "electricity", purpose="melting"):
        line = one.meter.text("line")
        metal = base.metal_t(line)
        if line not in cupola_lines and metal > 0.0:
            return one.amount / metal, True
    return kind.number("melt_energy"), False


def _own_dust(base: PlanBase, kind: Kind) -> float:
    """Return kg of particulate a tonne melted by induction: of the plant's own stack, else of the library."""
    for state in base.stacks.values():
        if state.stack.text("furnace") == "induction_furnace":
            machine = base.view.by_id("equipment").get(state.stack.text("equipment"))
            metal = math.nan if machine is None else base.metal_t(machine.text("line"))
            if metal > 0.0:
                return 1000.0 * state.mass_t / metal
    return kind.number("pm_per_t")


def _cupola_to_induction(base: PlanBase, kind: Kind) -> Iterator[Found]:
    """Convert the cupola that melts, with all coke of its line; a stand-by cupola stands still with it."""
    for meter in _meters(base, "coke"):
        machine = base.view.by_id("equipment").get(meter.meter.text("equipment"))
        if machine is None or machine.text("kind") != "cupola":
            yield _left(kind, text("no meter of coke names a cupola: record `meter`, field `equipment`"))
            continue
        line, metal = machine.text("line"), base.metal_t(machine.text("line"))
        if not metal > 0.0:
            yield _left(kind, text("the metal melted on line {line} is not on record: record `production`", line=line))
            continue
        specific, own = _own_melting(base, kind)
        old, new = converted(meter.stream, meter.resource, "electricity", specific * metal)
        effects = [old, new]
        stacks = [
            name
            for name, state in base.stacks.items()
            for one in [base.view.by_id("equipment").get(state.stack.text("equipment"))]
            if one is not None and one.text("kind") == "cupola" and one.text("line") == line
        ]
        dust = _own_dust(base, kind) * metal / 1000.0
        for at, stack in enumerate(stacks):
            effects.append(Effect(f"stack:{stack}", "pm", 0.0, dust if at == 0 else 0.0, converts=True))
        how = text(
            "{metal} t melted at {specific} kWh/t in place of {coke} {unit} of coke; particulate {dust} kg/t as behind "
            "{whose}",
            metal=round(metal),
            specific=round(specific),
            coke=round(meter.amount),
            unit=meter.unit,
            dust=round(1000.0 * dust / metal, 3),
            whose=text("the plant's own induction furnaces") if own else text("induction furnaces of the library"),
        )
        yield Proposal(machine.text("id"), _named(machine), machine.number_of("melting_rate_t_h"), tuple(effects), how)
    if not _meters(base, "coke") and base.equipment("cupola"):
        yield _left(kind, text("no meter counts coke: record `meter`"))


def _waste_heat(base: PlanBase, kind: Kind, machine: Row, size: float, gas: MeterStream) -> Found:
    """Return a proposal that puts the measured waste heat of a machine's stack in the place of gas."""
    name = machine.text("id")
    stack = next((s.text("id") for s in base.view.rows("stack") if s.text("equipment") == name), "")
    heat, calorific = base.heat_kWh.get(stack), _calorific_kWh(base, gas.carrier)
    if heat is None or not math.isfinite(calorific):
        why = text("the flow and temperature of its flue gas are not measured, so its waste heat is not known")
        return _left(kind, why, name)
    saved = heat_as_fuel(heat, kind.number("recovered"), calorific)
    how = text(
        "{heat} kWh of waste heat measured, {share} % of it in place of gas of meter {meter}",
        heat=round(heat),
        share=round(100.0 * kind.number("recovered")),
        meter=gas.meter.text("id"),
    )
    return Proposal(name, _named(machine), size, (saving(gas.stream, gas.resource, saved / gas.amount),), how)


def _cupola_waste_heat(base: PlanBase, kind: Kind) -> Iterator[Found]:
    for machine in base.equipment("cupola"):
        uses = [one for one in _meters(base, "natural_gas", line=machine.text("line")) if one.amount > 0.0]
        if not uses:
            why = text("no meter counts gas on its line that the heat could take the place of")
            yield _left(kind, why, machine.text("id"))
            continue
        yield _waste_heat(base, kind, machine, machine.number_of("melting_rate_t_h"), uses[0])


def _gas_furnaces(base: PlanBase, kind: Kind) -> Iterator[tuple[Row, MeterStream] | Left]:
    for machine in base.equipment("heating_furnace", "heat_treatment_furnace"):
        if machine.text("fuel") != "natural_gas":
            continue
        mine = _meters(base, "natural_gas", equipment=machine.text("id"))
        if mine and mine[0].amount > 0.0:
            yield machine, mine[0]
        else:
            yield _left(kind, _LINE_NOT_MEASURED, machine.text("id"))


def _furnace_recuperator(base: PlanBase, kind: Kind) -> Iterator[Found]:
    for one in _gas_furnaces(base, kind):
        yield one if isinstance(one, Left) else _waste_heat(base, kind, one[0], 1.0, one[1])


def _gas_saving(base: PlanBase, kind: Kind) -> Iterator[Found]:
    """Save a share of a furnace's gas, as the library says."""
    for one in _gas_furnaces(base, kind):
        if isinstance(one, Left):
            yield one
            continue
        machine, meter = one
        share = kind.number("saving")
        yield Proposal(
            machine.text("id"), _named(machine), 1.0, (saving(meter.stream, meter.resource, share),),
            _share_of(share, meter),
        )  # fmt: skip


def _share_of(share: float, meter: MeterStream) -> Text:
    return text(
        "{share} % of the {amount} {unit} of meter {meter}",
        share=round(100.0 * share, 1),
        amount=round(meter.amount),
        unit=meter.unit,
        meter=meter.meter.text("id"),
    )


def _induction_heating(base: PlanBase, kind: Kind) -> Iterator[Found]:
    for one in _gas_furnaces(base, kind):
        if isinstance(one, Left):
            yield one
            continue
        machine, gas = one
        if machine.text("kind") != "heating_furnace":
            continue
        calorific = _calorific_kWh(base, gas.carrier)
        if not math.isfinite(calorific):
            yield _left(kind, text("the calorific value of gas is not on record: record `factor`"), machine.text("id"))
            continue
        efficiencies = {name: kind.number(name) for name in ("gas_efficiency", "induction_efficiency")}
        drawn = induction_for_gas(gas.amount * calorific, **efficiencies)
        # Gas and electricity of a forge count for its own figure.
        electricity = gas.resource.replace("natural_gas", "electricity")
        effects = [*converted(gas.stream, gas.resource, electricity, drawn)]
        stack = _stack_of(base, machine.text("id"))
        if stack is not None:
            effects.append(Effect(f"stack:{stack}", "pm", 0.0, converts=True))
        how = text(
            "{gas} m3 of gas at {before} % become {kWh} kWh at {after} %",
            gas=round(gas.amount),
            before=round(100.0 * efficiencies["gas_efficiency"]),
            kWh=round(drawn),
            after=round(100.0 * efficiencies["induction_efficiency"]),
        )
        yield Proposal(machine.text("id"), _named(machine), 1.0, tuple(effects), how)


def _furnace_lids(base: PlanBase, kind: Kind) -> Iterator[Found]:
    for machine in base.equipment("induction_furnace"):
        mine = _meters(base, "electricity", line=machine.text("line"), purpose="melting")
        if not mine:
            yield _left(kind, _LINE_NOT_MEASURED, machine.text("id"))
            continue
        share = kind.number("saving")
        yield Proposal(
            machine.text("id"), _named(machine), 1.0, (saving(mine[0].stream, mine[0].resource, share),),
            _share_of(share, mine[0]),
        )  # fmt: skip


def _sand(base: PlanBase, kind: Kind) -> Iterator[Found]:
    landfilled = base.streams["sand"].base["landfilled"] if "sand" in base.streams else math.nan
    if not landfilled > 0.0:
        if base.equipment("sand_plant", "moulding_line"):
            yield _left(kind, text("no landfilled sand is on record for the year: record `waste`"))
        return
    taken = kind.number("recovered") * landfilled
    effects = [saving("sand", "landfilled", kind.number("recovered"))]
    needs = (("electricity", "electricity"), ("gas", "natural_gas"))
    for name, carrier in needs:
        # A new consumer stands on what the main meter leaves; a plant without that carrier would have to connect it.
        if name not in kind.parameters:
            continue
        rest = f"rest:{carrier}"
        stream = rest if rest in base.streams else next((m.stream for m in base.meters if m.carrier == carrier), None)
        if stream is None or carrier not in base.streams[stream].base:
            yield _left(kind, text("no meter counts {carrier}: record `meter`", carrier=carrier))
            return
        effects.append(Effect(stream, carrier, addition=kind.number(name) * taken))
    how = text(
        "{share} % of {mass} t of landfilled sand",
        share=round(100.0 * kind.number("recovered")),
        mass=round(landfilled),
    )
    yield Proposal("", "", taken, tuple(effects), how)


def _riser_redesign(base: PlanBase, kind: Kind) -> Iterator[Found]:
    points = kind.number("points") / 100.0
    for line in sorted(base.lines("casting")):
        good, metal = base.good_t(line), base.metal_t(line)
        if not good > 0.0 or not metal > 0.0:
            yield _left(kind, text("the yield of line {line} is not known: record `production`", line=line), line)
            continue
        factor = yield_factor(good / metal, points)
        machines = base.view.by_id("equipment")
        effects = [
            Effect(one.stream, resource, factor)
            for one in base.meters
            for resource in base.streams[one.stream].base
            if one.carrier != "water"
            and (
                (one.meter.text("purpose") == "melting" and one.meter.text("line") == line)
                or (one.meter.text("equipment") in machines
                    and machines[one.meter.text("equipment")].text("line") == line
                    and machines[one.meter.text("equipment")].text("kind") in ("cupola", "induction_furnace"))
            )
        ]  # fmt: skip
        effects += [
            Effect(f"stack:{name}", "pm", factor)
            for name, state in base.stacks.items()
            for one in [machines.get(state.stack.text("equipment"))]
            if state.stack.text("process") == "melting" and one is not None and one.text("line") == line
        ]
        if not effects:
            yield _left(kind, _LINE_NOT_MEASURED, line)
            continue
        how = text(
            "metal yield {now} % becomes {then} %: {less} % less is melted for the same castings",
            now=round(100.0 * good / metal, 1),
            then=round(100.0 * (good / metal + points), 1),
            less=round(100.0 * (1.0 - factor), 1),
        )
        yield Proposal(line, line, 1.0, tuple(effects), how)


def _bag_filter(base: PlanBase, kind: Kind) -> Iterator[Found]:
    outlet = kind.number("outlet")
    for row in base.view.rows("stack"):
        name = row.text("id")
        state = base.stacks.get(name)
        if state is None or not state.concentration > 0.0:
            yield _left(kind, text("its particulate is not known: records `stack_test`, `machine_state`"), name)
            continue
        if state.stack.text("process") == "coating":
            yield _left(kind, text("paint mist would block a bag filter"), name)
            continue
        effect = new_outlet(f"stack:{name}", state.concentration, outlet)
        if effect is None:
            yield _left(kind, text("it emits {outlet} mg/m3 or less already", outlet=round(outlet)), name)
            continue
        how = text(
            "{before} mg/m3 become {after} mg/m3 at the same flow and hours",
            before=round(state.concentration, 1),
            after=round(outlet, 1),
        )
        yield Proposal(name, _named(row), state.flow_m3_h, (effect,), how)


def _power(rows: list[Row]) -> float:
    """Return the rated power of machines together, kW; NaN where one's is not on record."""
    return sum((row.number_of("rated_power_kW") for row in rows), 0.0)


def _air(base: PlanBase, kind: Kind) -> Iterator[Found]:
    machines, mine = base.equipment("compressor"), _meters(base, "electricity", purpose="compressed_air")
    if not machines:
        return
    if not mine:
        yield _left(kind, _LINE_NOT_MEASURED)
        return
    meter = mine[0]
    if kind.id == "compressor_drive":
        share = kind.number("saving")
        how = _share_of(share, meter)
    elif math.isfinite(base.air_loss_kWh):
        share = kind.number("repaired") * base.air_loss_kWh / meter.amount
        how = text(
            "{share} % of the {loss} kWh that compressors are diagnosed to take while nobody works",
            share=round(100.0 * kind.number("repaired")),
            loss=round(base.air_loss_kWh),
        )
    else:
        yield _left(kind, text("no series of a compressor's power shows what it takes while nobody works"))
        return
    yield Proposal("", "", _power(machines), (saving(meter.stream, meter.resource, share),), how)


def _press_servo(base: PlanBase, kind: Kind) -> Iterator[Found]:
    forming = base.equipment("forging_press", "forging_hammer", "heating_furnace")
    for machine in base.equipment("forging_press"):
        mine = _meters(base, "electricity", purpose="forming", line=machine.text("line"))
        here = [row for row in forming if row.text("line") == machine.text("line")]
        part = machine.number_of("rated_power_kW") / _power(here)
        if not mine or not math.isfinite(part):
            yield _left(kind, _LINE_NOT_MEASURED, machine.text("id"))
            continue
        share = kind.number("saving") * part
        yield Proposal(
            machine.text("id"), _named(machine), machine.number_of("rated_power_kW"),
            (saving(mine[0].stream, mine[0].resource, share),), _share_of(share, mine[0]),
        )  # fmt: skip


def _motor_drives(base: PlanBase, kind: Kind) -> Iterator[Found]:
    for meter in _meters(base, "electricity", purpose="sand") + _meters(base, "electricity", purpose="dust_removal"):
        line = meter.meter.text("line")
        machines = [
            r for r in base.equipment("sand_plant", "dust_collector", "shakeout_machine") if r.text("line") == line
        ]
        share = kind.number("saving")
        effects = (saving(meter.stream, meter.resource, share),)
        yield Proposal(line, line, _power(machines) or math.nan, effects, _share_of(share, meter))


def _one_meter(carrier: str, purpose: str, words: tuple[str, ...]) -> Finder:
    """Return a finder of a saving on the meter of a purpose, else of one whose name holds a word."""

    def find(base: PlanBase, kind: Kind) -> Iterator[Found]:
        named = [
            one
            for one in _meters(base, carrier)
            if any(word in f"{one.meter.text('id')} {one.meter.text('name')}".lower() for word in words)
        ]
        mine = _meters(base, carrier, purpose=purpose) or named
        if not mine:
            yield _left(kind, text("no meter of {carrier} has this purpose: record `meter`", carrier=carrier))
            return
        share = kind.number("saving")
        yield Proposal("", "", 1.0, (saving(mine[0].stream, mine[0].resource, share),), _share_of(share, mine[0]))

    return find


def _digital_tools(base: PlanBase, kind: Kind) -> Iterator[Found]:
    if "design" not in base.streams:
        yield _left(kind, base.unknown["digital"])
        return
    now = base.streams["design"].base["digital"]
    gain = min(kind.number("points"), 100.0 - now)
    if gain <= 0.0:
        yield _left(kind, text("all design work is done with digital tools already"))
        return
    how = text("{now} % become {then} %", now=round(now, 1), then=round(now + gain, 1))
    yield Proposal("", "", 1.0, (Effect("design", "digital", addition=gain),), how)


def _cnc_machine(base: PlanBase, kind: Kind) -> Iterator[Found]:
    if "machines" not in base.streams:
        yield _left(kind, base.unknown["cnc"])
        return
    for machine in base.view.rows("equipment"):
        if machine.flag("key_process") and machine.flag("numerically_controlled") is False:
            if base.view.period.end > (machine.day("in_use_until") or base.view.period.end):
                continue
            yield Proposal(
                machine.text("id"), _named(machine), 1.0, (Effect("machines", "cnc", addition=1.0),),
                text("one more of the machines of key processes is numerically controlled"),
            )  # fmt: skip


FINDERS: Final[Mapping[str, Finder]] = {
    "cupola_to_induction": _cupola_to_induction,
    "cupola_waste_heat": _cupola_waste_heat,
    "furnace_recuperator": _furnace_recuperator,
    "regenerative_burners": _gas_saving,
    "induction_heating": _induction_heating,
    "furnace_lining": _gas_saving,
    "furnace_lids": _furnace_lids,
    "sand_mechanical": _sand,
    "sand_thermal": _sand,
    "riser_redesign": _riser_redesign,
    "bag_filter": _bag_filter,
    "air_leaks": _air,
    "compressor_drive": _air,
    "press_servo": _press_servo,
    "motor_drives": _motor_drives,
    "lighting": _one_meter("electricity", "lighting", ()),
    "closed_cooling": _one_meter("water", "cooling", ("cool", "冷却")),
    "water_reuse": _one_meter("water", "sand", ("sand", "砂")),
    "digital_tools": _digital_tools,
    "cnc_machine": _cnc_machine,
}
