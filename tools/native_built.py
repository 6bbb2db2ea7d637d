"""Says in one line, after an installation, if the native engine is missing and how to get it.

Silent when it is there.
"""

from importlib.util import find_spec

if find_spec("pippin._native") is None:
    print(
        "Installed without the native engine: everything works, many times slower (no C++20 compiler, or no "
        "headers of Python). Cure: on Debian, apt install g++ python3-dev, then run this again; "
        "pip install -v -e . shows why."
    )
