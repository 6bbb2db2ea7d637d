"""Training in the words of Keras 1 and 2, which Keras 3 no longer has: programs of ten years say them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np


class OlderWords:
    """Methods that say in today's words what they are, once for each place that calls them."""

    def fit_generator(self, generator: Any, *arguments: Any, **keywords: Any) -> Any:
        """`fit` on batches from a generator: fit_generator(generator, steps_per_epoch, epochs, verbose, ...)."""
        _say("fit_generator(generator, ...)", "fit(generator, ...)")
        given = _named(("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps",
                        "validation_freq", "class_weight"), arguments, keywords)  # fmt: skip
        if "samples_per_epoch" in given:
            given["steps_per_epoch"] = given.pop("samples_per_epoch")
        if "nb_epoch" in given:
            given["epochs"] = given.pop("nb_epoch")
        return self.fit(generator, **given)  # type: ignore[attr-defined]

    def evaluate_generator(self, generator: Any, *arguments: Any, **keywords: Any) -> Any:
        """`evaluate` on batches from a generator."""
        _say("evaluate_generator(generator, steps)", "evaluate(generator, steps=steps)")
        return self.evaluate(generator, **_named(("steps", "callbacks"), arguments, keywords))  # type: ignore[attr-defined]

    def predict_generator(self, generator: Any, *arguments: Any, **keywords: Any) -> Any:
        """`predict` on batches from a generator."""
        _say("predict_generator(generator, steps)", "predict(generator, steps=steps)")
        return self.predict(generator, **_named(("steps", "callbacks"), arguments, keywords))  # type: ignore[attr-defined]

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """`predict`, by the name it had where outputs are probabilities."""
        _say("predict_proba(x)", "predict(x)")
        return self.predict(x, batch_size=batch_size, verbose=verbose)  # type: ignore[attr-defined]

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """The class of each row: the place of the largest output; 0 or 1 where there is one output."""
        _say("predict_classes(x)", "predict(x).argmax(axis=-1)")
        outputs = np.asarray(self.predict(x, batch_size=batch_size, verbose=verbose))  # type: ignore[attr-defined]
        return outputs.argmax(axis=-1) if outputs.shape[-1] > 1 else (outputs > 0.5).astype("int32")


_NO_LONGER = ("max_queue_size", "max_q_size", "workers", "nb_worker", "use_multiprocessing", "pickle_safe")
"""How batches were made beside training; said, and without effect on what they are."""


def _named(words: tuple[str, ...], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    given = dict(zip(words, arguments, strict=False)) | keywords
    return {word: value for word, value in given.items() if word not in _NO_LONGER}


def _say(older: str, now: str) -> None:
    warnings.warn(f"model.{older} is a word of Keras 2. Write model.{now}.", DeprecationWarning, stacklevel=3)
