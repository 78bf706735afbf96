"""Standing: the index and what would raise it, the plan, duties, ladders, evidence, peers, incentives."""

# In the order of the menu.
# isort: off
from forgecast.app.pages.standing import score as score
from forgecast.app.pages.standing import plan as plan
from forgecast.app.pages.standing import duties as duties
from forgecast.app.pages.standing import ladders as ladders
from forgecast.app.pages.standing import evidence as evidence
from forgecast.app.pages.standing import peers as peers
from forgecast.app.pages.standing import incentives as incentives
