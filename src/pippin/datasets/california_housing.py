"""California housing: median prices of houses by block, in dollars, from the census of 1990.

Figures: median income, age of houses, rooms, bedrooms, population, household size, latitude, longitude.
"""

from pippin.datasets.files import STORE, dataset_file, read_npz
from pippin.datasets.houses import Split, shuffled_split
from pippin.errors import SettingError

_SHA256 = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_SMALL = 600


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): figures (rows, 8), prices (rows,); "small" has 600 rows."""
    if version not in ("large", "small"):
        raise SettingError(f'california_housing version: expected "large" or "small", received {version!r}.')
    x, y = read_npz(dataset_file(path, f"{STORE}california_housing.npz", _SHA256), "x", "y")
    rows = _SMALL if version == "small" else len(x)
    return shuffled_split(x[:rows], y[:rows], test_split, seed)
