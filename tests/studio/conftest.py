"""One recorded run for all tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.runs import article_run


@pytest.fixture(scope="session")
def article(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the article's network."""
    folder = tmp_path_factory.mktemp("article") / "run"
    article_run(folder)
    return folder
