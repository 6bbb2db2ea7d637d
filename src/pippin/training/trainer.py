"""Keras's training methods: compile, fit, evaluate, predict, and their one-batch forms. What a model inherits them
from. Losses, metrics, optimizers and the loops are imported when a method first needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pippin.changes import changed, is_apart
from pippin.engines import Runner, current_engine
from pippin.errors import NotCompiledError
from pippin.program import Variable

if TYPE_CHECKING:
    from pippin.training.compiled import Compiled
    from pippin.training.step import BatchSpecs, Step


class Trainer:
    """The part of a model that learns."""

    _says_nothing = frozenset(
        {"_direct_prediction", "_laid_out", "_steps", "compiled", "history", "result_variables", "stop_training"}
    )

    def _start_trainer(self) -> None:
        self.compiled: Compiled | None = None
        self.stop_training = False
        self.history: Any = None
        self.result_variables: dict[str, Variable] = {}
        self._steps: dict[Any, tuple[Runner, Step]] = {}
        self._laid_out: tuple[int, ...] = ()
        self._direct_prediction: Any = None

    # Compiling ----------------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model learns: who moves the weights, what is made smaller, what is counted beside it.

        `run_eagerly`, `steps_per_execution`, `jit_compile` and `auto_scale_loss` are accepted for Keras's scripts: the
        step is always compiled, and whole epochs already run in one call.
        """
        from pippin.training.compiled import Compiled

        self.compiled = Compiled(optimizer, loss, loss_weights, metrics, weighted_metrics)
        self.result_variables = {}
        self._forget_programs()

    @property
    def optimizer(self) -> Any:
        return self._need_compiled().optimizer if self.compiled is not None else None

    @property
    def loss(self) -> Any:
        return self.compiled.loss if self.compiled is not None else None

    @property
    def metrics(self) -> list[Any]:
        return self.compiled.all_metrics if self.compiled is not None else []

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def _need_compiled(self) -> Compiled:
        if self.compiled is None:
            raise NotCompiledError(
                f"{self.described()}: expected compile(optimizer, loss) before training or evaluating. "  # type: ignore[attr-defined]
                "Call model.compile(optimizer='adam', loss=...) first."
            )
        return self.compiled

    def _forget_programs(self) -> None:
        """Traced steps no longer hold: the layers or the goal changed."""
        self._steps = {}
        self._laid_out = ()
        changed()

    def result_variable(self, key: str) -> Variable:
        """The variable that holds a figure ("loss", "accuracy") of the running epoch."""
        if key not in self.result_variables:
            from pippin.training.step import result_variable

            self.result_variables[key] = result_variable(key)
        return self.result_variables[key]

    def output_names(self, count: int, predictions: Any) -> list[str]:
        """A name for each output: those of its layers in a functional model, else output_1, output_2, ..."""
        if isinstance(predictions, dict):
            return sorted(predictions)
        tensors = getattr(self, "outputs", None) if count > 1 else None
        if tensors:
            return [tensor.node.operation.name for tensor in tensors]
        return [f"output_{number + 1}" for number in range(count)] if count > 1 else [self.name]  # type: ignore[attr-defined]

    def runner(self, mode: str, specs: BatchSpecs) -> tuple[Runner, Step]:
        """The compiled step for a mode and batch, traced at first use and again when an engine or the trainable weights
        change."""
        return self.runners(mode, [specs])[0]

    def runners(self, mode: str, batches: Sequence[BatchSpecs]) -> list[tuple[Runner, Step]]:
        """The same for batches of several sizes."""
        trainable = tuple(id(variable) for variable in self.trainable_variables)  # type: ignore[attr-defined]
        from pippin.training.sharing import hashable_specs, steps_of

        keys = [(mode, hashable_specs(specs), current_engine().name, trainable) for specs in batches]
        missing = [place for place, key in enumerate(keys) if key not in self._steps]
        if missing:
            made = steps_of(self, mode, [batches[place] for place in missing])
            self._steps.update(zip((keys[place] for place in missing), made, strict=True))
        return [self._steps[key] for key in keys]

    def parts(self) -> list[Any] | None:
        """All that a trace of the model depends on, if that can be listed."""
        return None

    def prepare_training(self) -> None:
        """Lay weights and optimizer memory out flat, if that isn't done for the present trainable weights."""
        trainable = tuple(id(variable) for variable in self.trainable_variables)  # type: ignore[attr-defined]
        if trainable != self._laid_out:
            from pippin.training.state import lay_out

            lay_out(self)
            self._laid_out = trainable

    # Training -------------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> Any:
        """Train for `epochs` passes over the data; returns the History. Arguments and their meaning as in Keras."""
        from pippin.training.fit import fit

        self._need_compiled()
        x = self.before_step(x)
        if isinstance(validation_data, (tuple, list)):
            validation_data = (self.before_step(validation_data[0]), *validation_data[1:])
        elif validation_data is not None:
            validation_data = self.before_step(validation_data)
        return fit(
            self, x, y, batch_size=batch_size, epochs=epochs, verbose=verbose, callbacks=callbacks,
            validation_split=validation_split, validation_data=validation_data, shuffle=shuffle,
            class_weight=class_weight,
            sample_weight=sample_weight, initial_epoch=initial_epoch, steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps, validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
        )  # fmt: skip

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None, callbacks: Any = None, return_dict: bool = False, **keywords: Any,
    ) -> Any:  # fmt: skip
        """The loss and metrics on data the weights are not changed by: a number, a list, or a dict by name."""
        from pippin.training.evaluate import evaluate

        self._need_compiled()
        x = self.before_step(x)
        logs = evaluate(self, x, y, batch_size, verbose, sample_weight, steps, callbacks)
        if return_dict:
            return logs
        return list(logs.values()) if len(logs) > 1 else next(iter(logs.values()))

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The model's outputs for all rows of x, as arrays."""
        is_plain = verbose == 0 and batch_size is None and steps is None and callbacks is None
        if is_plain and self._direct_prediction is not None and not is_apart():
            found = self._direct_prediction.take((x,), {})
            if found is not None:
                return found
        from pippin.training.evaluate import predict

        return predict(self, self.before_step(x), batch_size, verbose, steps, callbacks)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One step on one batch, and its figures."""
        from pippin.training.evaluate import on_batch

        self._need_compiled()
        return _as_keras(on_batch(self, "train", self.before_step(x), y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The figures on one batch, without changing the weights."""
        from pippin.training.evaluate import on_batch

        self._need_compiled()
        return _as_keras(on_batch(self, "test", self.before_step(x), y, sample_weight, None), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        from pippin.training.evaluate import predict_on_batch

        return predict_on_batch(self, self.before_step(x))

    def before_step(self, x: Any) -> Any:
        """The data as the compiled step takes them: models that begin with layers of strings apply these here."""
        return x

    def reset_metrics(self) -> None:
        """Start all running totals again."""
        for metric in self.metrics:
            metric.reset_state()
        for variable in self.result_variables.values():
            variable.value[...] = 0


def _as_keras(logs: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return logs
    return list(logs.values()) if len(logs) > 1 else next(iter(logs.values()))

