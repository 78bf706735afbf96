"""What roles, rights and deeds are called, and what a role may do, in a sentence."""

from __future__ import annotations

from forgecast.app.pages.parts import Words
from forgecast.ground.texts import Text, text, verbatim
from forgecast.store.server.rights import Right, Role

ROLES: dict[Role, Text] = {
    Role.VIEWER: text("Viewer"),
    Role.OPERATOR: text("Operator"),
    Role.ENGINEER: text("Engineer"),
    Role.ENVIRONMENT: text("Environment"),
    Role.MANAGER: text("Manager"),
    Role.AUDITOR: text("Auditor"),
    Role.ADMIN: text("Administrator"),
}
MEANS: dict[Role, Text] = {
    Role.VIEWER: text("Looks at everything of the plant and changes nothing."),
    Role.OPERATOR: text("Also records: heats, readings, files, alarms that were seen. For the furnace and the line."),
    Role.ENGINEER: text("Also works out castings and charges, sets limits and maps, and releases pieces."),
    Role.ENVIRONMENT: text("Records and keeps what the permit asks for: stacks, hours, ledger, reports, carbon."),
    Role.MANAGER: text("All of the above; also settings of the plant, and the work that others have started."),
    Role.AUDITOR: text("Looks at everything, and at who did what; changes nothing."),
    Role.ADMIN: text("All of that; also says who may come in and what they may do."),
}
RIGHTS: dict[Right, Text] = {
    Right.SEE: text("look"),
    Right.RECORD: text("record"),
    Right.ENGINEER: text("engineer"),
    Right.RELEASE: text("release pieces"),
    Right.ENVIRONMENT: text("environment"),
    Right.MANAGE: text("manage the plant"),
    Right.AUDIT: text("see who did what"),
    Right.ADMINISTER: text("say who may come in"),
}
ACTIONS: dict[str, Text] = {
    "sign-in": text("signed in"),
    "sign-in.oidc": text("signed in through another house"),
    "sign-out": text("signed out"),
    "account.first": text("made the first account"),
    "account.add": text("let somebody in"),
    "account.name": text("changed the name shown"),
    "account.password": text("gave a new password"),
    "account.disable": text("disabled an account"),
    "account.enable": text("let an account in again"),
    "account.sign-out": text("signed somebody out everywhere"),
    "grant.give": text("gave a role"),
    "grant.take": text("took a role back"),
    "token.make": text("made a token"),
    "token.revoke": text("revoked a token"),
    "session.close": text("closed a session"),
    "enterprise.add": text("added an enterprise"),
    "plant.add": text("added a plant"),
    "server.backup": text("made a backup"),
}
OUTCOMES: dict[str, Text] = {"done": text("done"), "refused": text("refused")}


def action(name: str) -> Words:
    """Return what an action is called; one that is not known keeps its own name."""
    return ACTIONS.get(name, verbatim(name))
