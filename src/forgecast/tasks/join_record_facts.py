"""Join what the enterprise, its projects and its permits have on record to the facts that rules are applied to."""

from __future__ import annotations

from dataclasses import replace

from forgecast.rules.fact import FactBase
from forgecast.tasks.duty_facts import permit_subjects, with_monitoring
from forgecast.tasks.enterprise_facts import enterprise_figures, honour_subjects, investment_subjects
from forgecast.tasks.plant_view import PlantView
from forgecast.tasks.project_facts import project_subjects

#: Kinds of subject this task adds; each is complete as soon as its record has a row.
KINDS = ("honour", "investment", "permit", "project")


def with_record_facts(view: PlantView, base: FactBase) -> FactBase:
    """Return a fact base with figures of the enterprise, and its titles, purchases, permits and projects as subjects.

    Parameters
    ----------
    view : PlantView
    base : FactBase
        Of the period of the view.

    Returns
    -------
    FactBase
        A figure of the base keeps its name's first place; nothing of the base is lost.
    """
    figures = dict(base.site.figures)
    enterprise = enterprise_figures(view)
    for name, found in enterprise.items():
        figures[name] = (*figures.get(name, ()), *found)
    added = (
        *honour_subjects(view, enterprise),
        *investment_subjects(view),
        *permit_subjects(view),
        *project_subjects(view),
    )
    stacks = tuple(with_monitoring(view, one) if one.kind == "stack" else one for one in base.subjects)
    return replace(
        base,
        site=replace(base.site, figures=figures),
        subjects=(*stacks, *added),
        complete_kinds=base.complete_kinds | (view.folder.records.filled() & frozenset(KINDS)),
    )
