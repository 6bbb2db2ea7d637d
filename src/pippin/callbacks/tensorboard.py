"""TensorBoard: the figures of a run, its weights and its model in event files, for `tensorboard --logdir`."""

from __future__ import annotations

import json
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback, Logs
from pippin.callbacks.event_file import EventFile
from pippin.errors import SettingError


class TensorBoard(Callback):
    """Writes event files into `log_dir`/train and `log_dir`/validation; neither TensorFlow nor TensorBoard is needed.

    Each epoch gives "epoch_loss" and so on, with the learning rate; each evaluation, "evaluation_loss_vs_iterations".
    `update_freq` is "epoch", "batch" or a number of batches after which "batch_loss" and so on are written too.
    `histogram_freq`: after how many epochs the weights are written, as histograms and, with `write_images`, as
    pictures. `write_graph` writes the model as JSON, which TensorBoard draws. `embeddings_freq`: after how many epochs
    all weights are saved beside, for the projector. There is no profiler: `profile_batch` is warned of and left out.
    """

    def __init__(
        self, log_dir: str | os.PathLike[str] = "logs", histogram_freq: int = 0, write_graph: bool = True,
        write_images: bool = False, write_steps_per_second: bool = False, update_freq: str | int = "epoch",
        profile_batch: Any = 0, embeddings_freq: int = 0, embeddings_metadata: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.log_dir = str(log_dir)
        self.histogram_freq, self.write_graph, self.write_images = histogram_freq, write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq, self.embeddings_metadata = embeddings_freq, embeddings_metadata
        self._files: dict[str, EventFile] = {}
        self._train_batches = self._began = self._batch_began = self._iterations = 0.0
        _check_profile(profile_batch)
        if self.update_freq != "epoch":
            if not isinstance(self.update_freq, int) or self.update_freq < 1:
                raise SettingError(
                    'TensorBoard update_freq: expected "epoch", "batch" or a number of batches, '
                    f"received {update_freq!r}."
                )
            # Only then does training come back after every batch.
            self.on_train_batch_begin = self._begin_batch  # type: ignore[method-assign]
            self.on_train_batch_end = self._end_batch  # type: ignore[method-assign]

    def _file(self, part: str) -> EventFile:
        """The event file of train or validation, made when there is something to write."""
        if part not in self._files:
            self._files[part] = EventFile(Path(self.log_dir) / part)
        return self._files[part]

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        self._files = {}
        if self.embeddings_freq:
            self._write_projector()
        if self.write_graph and type(model).__name__ in ("Functional", "Sequential"):
            try:
                self._file("train").model("keras", model.to_json(), 0)
            except (TypeError, ValueError) as error:
                warnings.warn(f"TensorBoard write_graph: the model can't be written as JSON: {error}", stacklevel=2)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._train_batches = 0

    def on_train_end(self, logs: Logs = None) -> None:
        self._flush()

    def _flush(self) -> None:
        for file in self._files.values():
            file.flush()

    # Figures ------------------------------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._began, self._iterations = time.monotonic(), self._steps_made()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        if logs:
            train |= self._learning_rates()
            if self.write_steps_per_second:
                train["steps_per_second"] = (self._steps_made() - self._iterations) / _since(self._began)
        self._scalars("train", "epoch_{}", train, epoch)
        held_out = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        self._scalars("validation", "epoch_{}", held_out, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            (Path(self.log_dir) / "train").mkdir(parents=True, exist_ok=True)
            self.model.save_weights(Path(self.log_dir) / "train" / f"keras_embedding.ckpt-{epoch}.weights.h5")
        self._flush()

    def on_test_end(self, logs: Logs = None) -> None:
        if self.model.optimizer is not None:
            self._scalars("validation", "evaluation_{}_vs_iterations", logs or {}, self._steps_made())
            self._flush()

    def _begin_batch(self, batch: int, logs: Logs = None) -> None:
        self._train_batches += 1
        self._batch_began = time.monotonic()

    def _end_batch(self, batch: int, logs: Logs = None) -> None:
        if self._train_batches % int(self.update_freq) == 0:
            speed = {"steps_per_second": 1 / _since(self._batch_began)} if self.write_steps_per_second else {}
            self._scalars("train", "batch_{}", {**speed, **(logs or {})}, int(self._train_batches))

    def _scalars(self, part: str, tag: str, figures: dict[str, Any], step: int) -> None:
        for name, value in figures.items():
            self._file(part).scalar(tag.format(name), float(np.asarray(value)), step)

    def _steps_made(self) -> int:
        optimizer = self.model.optimizer
        return 0 if optimizer is None else int(np.asarray(optimizer.iterations))

    def _learning_rates(self) -> dict[str, float]:
        """That of the optimizer, or of each of several, under its name."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if optimizer is None:
            return {}
        several = getattr(optimizer, "optimizers", None)
        if several:
            return {f"learning_rate_{one.name}": float(np.asarray(one.learning_rate)) for one in several}
        return {"learning_rate": float(np.asarray(optimizer.learning_rate))}

    # Weights ------------------------------------------------------------------------------------------------------

    def _write_weights(self, epoch: int) -> None:
        for layer in self.model.layers:
            for weight in layer.weights:
                name, values = weight.path.replace(":", "_"), np.asarray(weight)
                self._file("train").histogram(f"{name}/histogram", values, epoch)
                pictures = _as_pictures(values) if self.write_images else None
                if pictures is not None:
                    self._file("train").pictures(f"{name}/image", pictures, epoch)

    def _write_projector(self) -> None:
        """Tell TensorBoard's projector which weights are embeddings, and where the names of their rows stand."""
        from pippin.layers import Embedding

        given = self.embeddings_metadata
        tables = [layer.name for layer in self.model.layers if isinstance(layer, Embedding)]
        strange = sorted(set(given) - set(tables)) if isinstance(given, dict) else []
        if strange:
            raise SettingError(
                f"TensorBoard embeddings_metadata: expected names of Embedding layers ({', '.join(tables) or 'none'}), "
                f"received {', '.join(strange)}."
            )
        lines = []
        for name in tables:
            path = given.get(name) if isinstance(given, dict) else given
            lines += ["embeddings {", '  tensor_name: "layer_with_weights-0/embeddings/.ATTRIBUTES/VARIABLE_VALUE"']
            lines += [] if path is None else [f"  metadata_path: {json.dumps(os.fspath(path))}"]
            lines += ["}"]
        Path(self.log_dir).mkdir(parents=True, exist_ok=True)
        (Path(self.log_dir) / "projector_config.pbtxt").write_text("".join(f"{line}\n" for line in lines))

    def state(self) -> dict[str, Any]:
        return {"train_batches": int(self._train_batches)}

    def restore(self, state: dict[str, Any]) -> None:
        self._train_batches = state["train_batches"]


def _since(moment: float) -> float:
    return max(time.monotonic() - moment, 1e-9)


def _as_pictures(weight: np.ndarray) -> np.ndarray | None:
    """(number, height, width, channels): a bias as a line, a matrix as a picture, a kernel as one for each filter."""
    weight = weight.squeeze()
    if weight.ndim == 1:
        return weight.reshape(1, -1, 1, 1)
    if weight.ndim == 2:
        return (weight.T if weight.shape[0] > weight.shape[1] else weight)[None, :, :, None]
    if weight.ndim == 3:
        return weight.transpose(2, 0, 1)[..., None]
    return weight if weight.ndim == 4 and weight.shape[-1] in (1, 3, 4) else None


def _check_profile(profile_batch: Any) -> None:
    given = profile_batch.split(",") if isinstance(profile_batch, str) else profile_batch
    pair = [given, given] if isinstance(given, int) else [int(part) for part in given]
    pair = pair * 2 if len(pair) == 1 else pair
    if len(pair) != 2 or not 0 <= pair[0] <= pair[1]:
        raise SettingError(
            "TensorBoard profile_batch: expected a number of a batch or a pair (first, last), received "
            f"{profile_batch!r}."
        )
    if pair != [0, 0]:
        warnings.warn(
            f"TensorBoard profile_batch={profile_batch!r}: there is no profiler; the figures are written without it.",
            stacklevel=3,
        )
