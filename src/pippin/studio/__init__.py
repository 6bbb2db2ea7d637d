"""The page: a run looked at live or afterwards, a step opened, photos turned into a classifier. In a browser, in a
notebook, and as one HTML file; all three ask the same questions (answers.py) and draw the same answers (web/)."""

from pippin.lazy import lazily

_HOMES = {
    "Live": "pippin.studio.notebook",
    "show": "pippin.studio.notebook",
    "snapshot": "pippin.studio.notebook",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
