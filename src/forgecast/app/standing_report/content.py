"""A standing report in one language: its sheets in their order."""

from __future__ import annotations

from datetime import timedelta

from forgecast import __version__
from forgecast.app.report.words import LABELS
from forgecast.app.standing_report.directions import direction_sheet
from forgecast.app.standing_report.first import first_sheet
from forgecast.app.standing_report.later import duties_sheet, incentives_sheet, other_sheet, plan_sheet
from forgecast.app.standing_report.sheet import Report
from forgecast.ground.texts import Language, text
from forgecast.tasks.report_standing import Standing


def report_of(found: Standing, language: Language) -> Report:
    """Return the report in one language."""
    assessment = found.assessment
    last = assessment.end - timedelta(days=1)
    directions = (direction_sheet(found, one.direction, one.interval, language) for one in found.score.score.directions)
    other = other_sheet(found, language)
    made_up = assessment.synthetic
    return Report(
        language=language,
        plant=assessment.plant_name or assessment.plant_id,
        title=text("Where the plant stands").say(language),
        at=text("as of {at}", at=assessment.at.isoformat()).say(language),
        period=text("judged {first} to {last}", first=assessment.start.isoformat(), last=last.isoformat()).say(
            language
        ),
        version=f"Forgecast {__version__}",
        # A template: each page fills in its own number.
        page_words=text("Page {page} of {pages}", page="{page}", pages="{pages}").say(language),
        synthetic_mark=LABELS["synthetic_short"].say(language) if made_up else "",
        synthetic=LABELS["synthetic"].say(language) if made_up else "",
        sheets=(
            first_sheet(found, language),
            *directions,
            *(() if other is None else (other,)),
            plan_sheet(found, language),
            incentives_sheet(found, language),
            duties_sheet(found, language),
        ),
    )
