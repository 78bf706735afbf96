"""The start of the addresses: leads whoever is signed in to his first plant, or says that there is none yet."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from forgecast.app.api.may import TheHouse, TheVisitor
from forgecast.app.server.sign_in import shown
from forgecast.app.server.sign_in_paper import Paper
from forgecast.ground.texts import text
from forgecast.store.server.plants import plants
from forgecast.store.server.rights import Right

routes = APIRouter(include_in_schema=False)


@routes.get("/")
def front(request: Request, visitor: TheVisitor, house: TheHouse) -> Response:
    """Lead to the first plant that the visitor sees."""
    with house.store.reading() as connection:
        seen = [plant.id for plant in plants(connection) if Right.SEE in visitor.rights(plant.id)]
    if seen:
        return RedirectResponse(f"/{quote(seen[0])}/home", 303)
    return shown(request, _no_plant())


def _no_plant() -> Paper:
    return Paper(
        address="/",
        title=text("No plant yet"),
        lead=text(
            "You are signed in, and no plant is yours to see. Ask whoever runs this server for a role in your plant; "
            "the administrator adds one with `forgecast server plant add`."
        ),
        button=text("Sign out"),
        sends_to="/sign-out",
        way_on=("/password", text("Change the password")),
    )
