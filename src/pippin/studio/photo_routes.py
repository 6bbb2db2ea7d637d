"""What the page asks about photos: what lies in the folder, what to add, to check, to train, to try."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pippin.errors import DataError, SettingError
from pippin.studio.app import told
from pippin.studio.home import Home
from pippin.studio.photos import MOST_BYTES, MOST_ZIP_BYTES, PhotoFolder, thumbnail

Handler = Callable[[Request], Awaitable[Response]]
FRUIT, FRUIT_TEST = 160, 80
"""Pictures that "Try with apples" draws."""


def routes(home: Home) -> list[Route]:
    """The routes: those of a run for every server, those of a folder of photos where one is worked on."""
    found = _of_runs(home)
    return found if home.photos is None else [*found, *_of_folder(home, PhotoFolder(home.photos))]


async def body(request: Request, most: int) -> bytes:
    """The whole body of a request, which is cut off when it grows too large."""
    if int(request.headers.get("content-length") or 0) > most:
        raise DataError(f"this is larger than {most // 1_000_000} MB.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise DataError(f"this is larger than {most // 1_000_000} MB.")
        parts.append(part)
    return b"".join(parts)


def _with_body(work: Callable[[Request, bytes], Any], most: int = MOST_BYTES) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            content = await body(request, most)
        except DataError as error:
            said = error
            return await told(lambda: _refuse(said))
        return await told(lambda: work(request, content))

    return handle


def _refuse(error: DataError) -> None:
    raise error


def _asked(content: bytes, *names: str) -> list[str]:
    """Words from a JSON object."""
    try:
        found = json.loads(content)
        return [str(found[name]) for name in names]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingError(f"expected a JSON object with {', '.join(names)}.") from error


def _picture(content: bytes) -> Response:
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


def _of_runs(home: Home) -> list[Route]:
    from pippin.glass.explanation import INTEGRATED
    from pippin.studio.judging import Judge

    @lru_cache(maxsize=4)
    def opened(path: Path, written: float) -> Judge:
        return Judge(path)

    def judge(request: Request) -> Judge:
        path = home.answers(request.path_params["run"]).path
        model = path / "model.keras"
        return opened(path, model.stat().st_mtime if model.is_file() else 0.0)

    async def judged(request: Request) -> Response:
        return await told(lambda: judge(request).judged())

    async def photo(request: Request) -> Response:
        answer: list[bytes] = []
        name = request.query_params.get("photo", "")
        failed = await told(lambda: answer.append(thumbnail(judge(request).photo(name))))
        return _picture(answer[0]) if answer else failed

    async def model(request: Request) -> Response:
        paths: list[Path] = []
        failed = await told(lambda: paths.append(judge(request).run.model))
        return FileResponse(paths[0], filename=f"{paths[0].parent.name}.keras") if paths else failed

    def explain(request: Request, content: bytes) -> Any:
        return judge(request).explain(content, request.query_params.get("method", INTEGRATED))

    return [
        Route("/api/judge/{run}/photos", judged), Route("/api/judge/{run}/photo", photo),
        Route("/api/judge/{run}/model", model),
        Route("/api/judge/{run}/look", _with_body(lambda r, content: judge(r).look(content)), methods=["POST"]),
        Route("/api/judge/{run}/explain", _with_body(explain), methods=["POST"]),
    ]  # fmt: skip


def _of_folder(home: Home, folder: PhotoFolder) -> list[Route]:
    from pippin.studio.checking import check

    training = home.training

    async def view(request: Request) -> Response:
        return await told(folder.view)

    async def look(request: Request) -> Response:
        answer: list[bytes] = []
        failed = await told(lambda: answer.append(thumbnail(folder.file(request.query_params.get("photo", "")))))
        return _picture(answer[0]) if answer else failed

    async def checked(request: Request) -> Response:
        return await told(lambda: check(folder))

    def add(request: Request, content: bytes) -> Any:
        asked = request.query_params
        return {"photo": folder.add(asked.get("class", ""), asked.get("name", "photo.jpg"), content)}

    def train(request: Request, content: bytes) -> Any:
        assert training is not None
        return {"run": training.start(json.loads(content or b"{}"))}

    def stop(request: Request, content: bytes) -> Any:
        assert training is not None
        training.stop()
        return {}

    def moved(request: Request, content: bytes) -> Any:
        photo, label = _asked(content, "photo", "class")
        return {"photo": folder.move(photo, label)}

    def renamed(request: Request, content: bytes) -> Any:
        folder.rename_class(*_asked(content, "class", "name"))
        return folder.view()

    def fruit(request: Request, content: bytes) -> Any:
        from pippin.images import fruit

        fruit.draw(folder.path, train=FRUIT, test=FRUIT_TEST)
        return folder.view()

    def made(request: Request, content: bytes) -> Any:
        folder.add_class(*_asked(content, "class"))
        return folder.view()

    posts: dict[str, Callable[[Request, bytes], Any]] = {
        "photo": add, "class": made, "rename": renamed, "move": moved, "fruit": fruit,
        "leave-out": lambda request, content: {"photo": folder.leave_out(*_asked(content, "photo"))},
    }  # fmt: skip
    return [
        Route("/api/photos", view), Route("/api/photos/look", look), Route("/api/photos/check", checked),
        *(Route(f"/api/photos/{word}", _with_body(work), methods=["POST"]) for word, work in posts.items()),
        Route("/api/photos/zip", _with_body(lambda r, c: folder.add_zip(c), MOST_ZIP_BYTES), methods=["POST"]),
        Route("/api/train", _with_body(train), methods=["POST"]),
        Route("/api/stop", _with_body(stop), methods=["POST"]),
    ]  # fmt: skip
