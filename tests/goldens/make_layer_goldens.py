"""Asks real Keras for everything in layer_cases.py and writes its answers to layers.json. Run as
make_keras_goldens.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from goldens.layer_cases import CASES
from goldens.make_keras_goldens import FOLDER, layer_answer, plain

if __name__ == "__main__":
    text = json.dumps(plain([layer_answer(*case) for case in CASES]), separators=(",", ":"))
    (FOLDER / "layers.json").write_text(text.replace('},{"', '},\n{"'), encoding="utf-8")
