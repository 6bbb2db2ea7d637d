"""What the page asks about photos."""

from __future__ import annotations

from starlette.routing import Route

from pippin.studio.home import Home


def routes(home: Home) -> list[Route]:
    """The routes; none where no photos are worked on."""
    return []
