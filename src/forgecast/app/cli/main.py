"""The program `forgecast`: all commands, and what happens when one fails."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Sequence

import click

from forgecast import __version__
from forgecast.app.cli.bilingual import BilingualGroup, language_option, option
from forgecast.ground.errors import ForgecastError
from forgecast.ground.texts import Language, Text, preferred_language, text

DONE, ANSWER_IS_NO, WRONG_INPUT, OUR_DEFECT, STOPPED = 0, 1, 2, 3, 130


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001
    del parameter
    if value:
        click.echo(f"forgecast {__version__}")
        context.exit()


def _demo() -> click.Command:
    from forgecast.app.cli.demo import demo  # noqa: PLC0415

    return demo


def _plant() -> click.Command:
    from forgecast.app.cli.plant import plant  # noqa: PLC0415

    return plant


def _assess() -> click.Command:
    from forgecast.app.cli.assess import assess  # noqa: PLC0415

    return assess


def _why() -> click.Command:
    from forgecast.app.cli.assess import why  # noqa: PLC0415

    return why


def _compare() -> click.Command:
    from forgecast.app.cli.compare import compare  # noqa: PLC0415

    return compare


def _rules() -> click.Command:
    from forgecast.app.cli.rules.group import rules  # noqa: PLC0415

    return rules


def _casting() -> click.Command:
    from forgecast.app.cli.casting.group import casting  # noqa: PLC0415

    return casting


def _forging() -> click.Command:
    from forgecast.app.cli.forging.group import forging  # noqa: PLC0415

    return forging


def _quality() -> click.Command:
    from forgecast.app.cli.quality.group import quality  # noqa: PLC0415

    return quality


def _melting() -> click.Command:
    from forgecast.app.cli.melting.group import melting  # noqa: PLC0415

    return melting


def _energy() -> click.Command:
    from forgecast.app.cli.energy.group import energy  # noqa: PLC0415

    return energy


def _environment() -> click.Command:
    from forgecast.app.cli.environment.group import environment  # noqa: PLC0415

    return environment


def _grade() -> click.Command:
    from forgecast.app.cli.grade import grade  # noqa: PLC0415

    return grade


def _certificate() -> click.Command:
    from forgecast.app.cli.certificate.group import certificate  # noqa: PLC0415

    return certificate


def _epcis() -> click.Command:
    from forgecast.app.cli.epcis import epcis  # noqa: PLC0415

    return epcis


def _label() -> click.Command:
    from forgecast.app.cli.label import label  # noqa: PLC0415

    return label


def _carbon() -> click.Command:
    from forgecast.app.cli.carbon.group import carbon  # noqa: PLC0415

    return carbon


def _identifier() -> click.Command:
    from forgecast.app.cli.label import identifier  # noqa: PLC0415

    return identifier


def _condition() -> click.Command:
    from forgecast.app.cli.condition.group import condition  # noqa: PLC0415

    return condition


def _hj212() -> click.Command:
    from forgecast.app.cli.hj212.group import hj212  # noqa: PLC0415

    return hj212


def _trace() -> click.Command:
    from forgecast.app.cli.trace import trace  # noqa: PLC0415

    return trace


def _recall() -> click.Command:
    from forgecast.app.cli.recall import recall  # noqa: PLC0415

    return recall


def _signals() -> click.Command:
    from forgecast.app.cli.signals.group import signals  # noqa: PLC0415

    return signals


def _plan() -> click.Command:
    from forgecast.app.cli.plan import plan  # noqa: PLC0415

    return plan


def _serve() -> click.Command:
    from forgecast.app.cli.serve import serve  # noqa: PLC0415

    return serve


def _server() -> click.Command:
    from forgecast.app.cli.server.group import server  # noqa: PLC0415

    return server


def _standing() -> click.Command:
    from forgecast.app.cli.standing.group import standing  # noqa: PLC0415

    return standing


@click.group(
    cls=BilingualGroup,
    sentence=text("Forgecast turns a foundry's or forge shop's own records into figures and sourced verdicts."),
    examples=(
        ("forgecast demo demo", text("see everything once, on a made-up plant")),
        ("forgecast plant new my-plant --name 'My foundry'", text("make a plant folder")),
        ("forgecast plant import my-plant records/*.xlsx", text("take in your own files")),
        ("forgecast serve my-plant", text("look at it in a browser")),
        ("forgecast assess my-plant --report report.pdf --lang zh", text("judge the plant, with a report to hand on")),
        ("forgecast why my-plant gb_39726_2020/nox_cupola/DA001", text("ask one verdict for its reasons")),
    ),
    later={
        "demo": _demo,
        "plant": _plant,
        "serve": _serve,
        "server": _server,
        "assess": _assess,
        "why": _why,
        "compare": _compare,
        "rules": _rules,
        "standing": _standing,
        "plan": _plan,
        "casting": _casting,
        "melting": _melting,
        "forging": _forging,
        "quality": _quality,
        "environment": _environment,
        "energy": _energy,
        "signals": _signals,
        "condition": _condition,
        "hj212": _hj212,
        "trace": _trace,
        "recall": _recall,
        "grade": _grade,
        "certificate": _certificate,
        "epcis": _epcis,
        "label": _label,
        "identifier": _identifier,
        "carbon": _carbon,
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@language_option
@option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=text("Show the version."),
)
def cli() -> None:
    """Hold the commands together."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with the exit code of DESIGN.md: 0 done, 1 no, 2 wrong input, 3 our defect."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A Windows console of another code page must not turn a Chinese sentence into a crash.
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    as_json = "--json" in words
    language = _language_in(words)
    try:
        answer = cli.main(args=words, prog_name="forgecast", standalone_mode=False)
    except ForgecastError as error:
        _show(error, as_json=as_json, language=language)
        return WRONG_INPUT
    except click.ClickException as error:
        _show(_as_ours(error), as_json=as_json, language=language)
        return WRONG_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            text("Stopped. What was finished before is kept; nothing half done remains.").say(language), err=True
        )
        return STOPPED
    except BrokenPipeError:
        # The reader of our output has gone (`forgecast … | head`); that is no error of anybody.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        return DONE
    except Exception as error:  # noqa: BLE001  (the last net: a defect of ours must say so, and how to report it)
        _show_defect(error, language)
        return OUR_DEFECT
    return answer if isinstance(answer, int) else DONE


def _language_in(words: list[str]) -> Language:
    for name, value in zip(words, [*words[1:], ""], strict=True):
        if name == "--lang" and value in ("en", "zh"):
            return "zh" if value == "zh" else "en"
        if name in ("--lang=zh", "--lang=en"):
            return "zh" if name.endswith("zh") else "en"
    return preferred_language()


def _as_ours(error: click.ClickException) -> ForgecastError:
    """Return a wrong call in our own words, so that it too has a repair and both languages."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    call = context.command_path if context is not None else "forgecast"
    repair = text("see `{call} --help` for the options and examples", call=call)
    what: Text
    if isinstance(error, click.NoSuchOption):
        what = text("there is no option {name}", name=error.option_name)
        if error.possibilities:
            repair = text("did you mean {names}?", names=", ".join(sorted(error.possibilities)))
    elif isinstance(error, click.MissingParameter):
        parameter = error.param
        name = parameter.make_metavar(context) if parameter is not None and context is not None else "?"
        what = text("{name} is missing", name=name)
    elif isinstance(error, click.BadParameter):
        parameter = error.param
        name = parameter.opts[-1] if parameter is not None and parameter.opts else "?"
        what = text("{name} does not fit: {message}", name=name, message=error.message)
    else:
        what = text("the call is not understood: {message}", message=error.format_message())
    return ForgecastError(what, repair=repair)


def _show(error: ForgecastError, *, as_json: bool, language: Language) -> None:
    if as_json:
        click.echo(json.dumps(error.as_json(), ensure_ascii=False, indent=2))
        return
    click.echo(f"{text('Error').say(language)}: {error.say(language)}", err=True)
    for finding in error.findings[:20]:
        click.echo(f"  · {finding.place}: {finding.reason.say(language)}", err=True)


def _show_defect(error: Exception, language: Language) -> None:
    message = text(
        "This is a defect of Forgecast, not of your data ({kind}: {error}). Nothing was changed by it. "
        "Please report it with the lines below.",
        kind=type(error).__name__,
        error=str(error),
    )
    click.echo(message.say(language), err=True)
    click.echo("".join(traceback.format_exception(error)), err=True)
