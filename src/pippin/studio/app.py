"""The page's server: the page itself, answers about runs, and a stream that says when a run went on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from pippin.errors import PippinError
from pippin.studio.home import Home
from pippin.studio.page import SCRIPT, STYLE, page

SECONDS_BETWEEN_LOOKS = 0.25
"""How often the stream looks whether a run went on: as often as a page is redrawn, however fast the run is."""
SECONDS_UNTIL_A_WORD = 15.0


def application(home: Home, more: list[Route] | None = None) -> Starlette:
    """The application, without its guard."""

    async def shell(request: Request) -> Response:
        return Response(page(), media_type="text/html")

    async def script(request: Request) -> Response:
        return Response(SCRIPT.read_bytes(), media_type="text/javascript")

    async def style(request: Request) -> Response:
        return Response(STYLE.read_bytes(), media_type="text/css")

    async def about(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(home.about))

    async def ask(request: Request) -> Response:
        word, run = request.path_params["word"], request.path_params["run"]
        return await told(lambda: home.answers(run).ask(f"{word}?{request.url.query}"))

    async def stream(request: Request) -> Response:
        return StreamingResponse(_events(home, request.path_params.get("run"), request), media_type="text/event-stream")

    return Starlette(routes=[
        Route("/", shell), Route("/page.js", script), Route("/page.css", style), Route("/api/home", about),
        Route("/api/run/{run}/events", stream), Route("/api/run/{run}/{word}", ask), *(more or []),
    ])  # fmt: skip


async def told(work: Callable[[], Any]) -> Response:
    """The answer of a piece of work as JSON; what it refuses, as a sentence."""
    try:
        return _json(await run_in_threadpool(work))
    except PippinError as error:
        return _json({"error": str(error)}, 400)


def _json(content: Any, status: int = 200) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json")


async def _events(home: Home, run: str | None, request: Request) -> AsyncIterator[str]:
    """The whole state of a run, each time that it changed. It is small however long the run is, so whoever comes late
    or lost the connection has missed nothing."""
    last: Any = None
    silent = 0.0
    while not home.is_closing and not await request.is_disconnected():
        try:
            answers = await run_in_threadpool(home.answers, run or "")
            version = (answers.version, answers.process)
            if version != last:
                last, silent = version, 0.0
                state = await run_in_threadpool(answers.ask, "run")
                yield f"data: {json.dumps(state, ensure_ascii=False)}\n\n"
        except PippinError as error:
            yield f"data: {json.dumps({'error': str(error)})}\n\n"
            return
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        silent += SECONDS_BETWEEN_LOOKS
        if silent >= SECONDS_UNTIL_A_WORD:
            silent = 0.0
            yield ": still here\n\n"
