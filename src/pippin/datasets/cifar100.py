"""CIFAR-100: small colour photos, 32 × 32, of 100 classes in 20 groups."""

from pippin.datasets.cifar import Split, read_batch, source
from pippin.errors import SettingError

_SOURCE = (
    "cifar-100",
    "cifar-100-python",
    "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
)


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """(x_train, y_train), (x_test, y_test): 50000 and 10000 uint8 photos (32, 32, 3), classes (rows, 1).

    `label_mode` "fine" gives the 100 classes, "coarse" the 20 groups.
    """
    if label_mode not in ("fine", "coarse"):
        raise SettingError(f'cifar100 label_mode: expected "fine" or "coarse", received {label_mode!r}.')
    where = source(*_SOURCE)
    train, test = (read_batch(where, f"cifar-100-python/{part}", f"{label_mode}_labels") for part in ("train", "test"))
    return train, test
