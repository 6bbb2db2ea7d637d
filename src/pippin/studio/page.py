"""The page: a few lines of HTML around the script that web/ is built into."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Ccircle cx='8' cy='9' r='6' fill='%23B4540A'/%3E"
    "%3Cpath d='M8 4c0-2 1-3 3-3' stroke='%234a5a2a' stroke-width='1.6' fill='none'/%3E%3C/svg%3E"
)
SCRIPT, STYLE = STATIC / "page.js", STATIC / "page.css"


def page() -> str:
    """The HTML of the page that a server shows."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pippin</title>
<link rel="icon" href="{ICON}">
<link rel="stylesheet" href="/page.css">
</head>
<body>
<div id="pippin"><p class="first">Pippin is opening the page&hellip;</p></div>
<noscript>This page needs JavaScript. <code>pippin report RUN</code> writes a report that doesn't.</noscript>
<script type="module" src="/page.js"></script>
</body>
</html>
"""
