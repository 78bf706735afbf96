"""Click commands whose help is written in English and Chinese and teaches with examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from forgecast.ground.texts import LANGUAGES, Language, Text, preferred_language, text

Function = TypeVar("Function", bound=Callable[..., Any])
LANGUAGE_KEY = "forgecast.language"


def language_of(context: click.Context) -> Language:
    """Return the language asked for by ``--lang``, else by the environment."""
    language: Language = context.meta.get(LANGUAGE_KEY) or preferred_language()
    return language


class BilingualOption(click.Option):
    """An option whose help is a `Text`."""

    def __init__(self, *arguments: Any, help_text: Text, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **settings)
        self.help_text = help_text

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the language of the call."""
        self.help = self.help_text.say(language_of(ctx))
        return super().get_help_record(ctx)


class BilingualArgument(click.Argument):
    """An argument that, unlike click's own, is explained in the help."""

    def __init__(self, *arguments: Any, help_text: Text, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **settings)
        self.help_text = help_text


class _Help:
    """What commands and groups share: their help page."""

    sentence: Text
    examples: tuple[tuple[str, Text], ...]

    def page(self, command: click.Command, context: click.Context, formatter: click.HelpFormatter) -> None:
        language = language_of(context)
        pieces = " ".join(command.collect_usage_pieces(context))
        usage = text("Usage").say(language)
        formatter.write_usage(context.command_path, pieces, prefix=f"{usage}: ")
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self.sentence.say(language))
        if self.examples:
            with formatter.section(text("Examples").say(language)):
                for call, meaning in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}# {meaning.say(language)}\n")
                    formatter.write(f"{'':>{formatter.current_indent}}{call}\n")
        arguments = [
            (parameter.make_metavar(context), parameter.help_text.say(language))
            for parameter in command.get_params(context)
            if isinstance(parameter, BilingualArgument)
        ]
        if arguments:
            with formatter.section(text("Arguments").say(language)):
                formatter.write_dl(arguments)
        if isinstance(command, click.Group):
            rows = []
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                if isinstance(below, BilingualCommand | BilingualGroup) and not below.hidden:
                    rows.append((name, below.sentence.say(language).split("\n")[0]))
            with formatter.section(text("Commands").say(language)):
                formatter.write_dl(rows)
        options = [one for one in command.get_params(context) if isinstance(one, click.Option)]
        records = [record for one in options if (record := one.get_help_record(context)) is not None]
        if records:
            with formatter.section(text("Options").say(language)):
                formatter.write_dl(records)


class BilingualCommand(click.Command, _Help):
    """A command with a sentence and examples in both languages."""

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        sentence: Text,
        examples: Sequence[tuple[str, Text]] = (),
        **settings: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **settings)
        self.sentence = sentence
        self.examples = tuple(examples)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help``, explained in the language of the call."""
        return _said_help(super().get_help_option(ctx), ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.page(self, ctx, formatter)


class BilingualGroup(click.Group, _Help):
    """A group of commands with a sentence and examples in both languages."""

    command_class = BilingualCommand

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        sentence: Text,
        examples: Sequence[tuple[str, Text]] = (),
        later: Mapping[str, Callable[[], click.Command]] | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **settings)
        self.sentence = sentence
        self.examples = tuple(examples)
        # Commands by name, each imported only when it is called or listed: the program answers at once.
        self._later = dict(later or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are usually needed, not by the alphabet."""
        del ctx
        return [*self._later, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, importing it if it has not been needed yet."""
        found = self._later.get(cmd_name)
        return super().get_command(ctx, cmd_name) if found is None else found()

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help``, explained in the language of the call."""
        return _said_help(super().get_help_option(ctx), ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.page(self, ctx, formatter)


def _said_help(option: click.Option | None, context: click.Context) -> click.Option | None:
    if option is not None:
        option.help = text("Show this page.").say(language_of(context))
    return option


def option(*names: str, help: Text, **settings: Any) -> Callable[[Function], Function]:  # noqa: A002, ANN401
    """Add an option explained in both languages."""
    return click.option(*names, cls=BilingualOption, help_text=help, **settings)


def argument(name: str, *, help: Text, **settings: Any) -> Callable[[Function], Function]:  # noqa: A002, ANN401
    """Add an argument explained in both languages."""
    return click.argument(name, cls=BilingualArgument, help_text=help, **settings)


def _keep_language(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del parameter
    if value:
        context.meta[LANGUAGE_KEY] = value


#: ``--lang``: every command has it; it decides before anything is shown.
language_option = option(
    "--lang",
    type=click.Choice(LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=_keep_language,
    help=text("Language of everything shown; without it FORGECAST_LANG or the system's language decides."),
)

json_option = option(
    "--json",
    "as_json",
    is_flag=True,
    help=text("Print JSON (both languages inside) instead of text; errors too."),
)
