"""Boston housing: prices of houses around Boston in the 1970s, in thousands of dollars, by 13 figures.

One of the figures ("B") takes the colour of people for a cause of prices: prefer california_housing.
"""

from pippin.datasets.files import STORE, dataset_file, read_npz
from pippin.datasets.houses import Split, shuffled_split

_SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): figures (rows, 13) and prices (rows,)."""
    x, y = read_npz(dataset_file(path, f"{STORE}boston_housing.npz", _SHA256), "x", "y")
    return shuffled_split(x, y, test_split, seed)
