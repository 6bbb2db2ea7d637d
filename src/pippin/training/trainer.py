"""Keras's training methods: compile, fit, evaluate, predict, and their one-batch forms. What a model inherits them
from. Losses, metrics, optimizers and the loops are imported when a method first needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pippin.changes import changed, is_apart, present
from pippin.engines import Runner, current_engine
from pippin.errors import NotCompiledError
from pippin.program import Variable
from pippin.training.older import OlderWords

if TYPE_CHECKING:
    from pippin.training.compiled import Compiled
    from pippin.training.step import BatchSpecs, Step


class Trainer(OlderWords):
    """The part of a model that learns."""

    _says_nothing = frozenset(
        {
            "_direct_prediction",
            "_laid_out",
            "_optimizer",
            "_own_metrics",
            "_steps",
            "compile_metrics",
            "compilation",
            "history",
            "run_eagerly",
            "steps_per_execution",
            "result_variables",
            "stop_evaluating",
            "stop_predicting",
            "stop_training",
        }
    )

    def _start_trainer(self) -> None:
        self.compilation: Compiled | None = None
        self.compile_metrics: Any = None
        self._optimizer: Any = None
        self._own_metrics: tuple[object, list[Any]] = (None, [])
        self.run_eagerly, self.steps_per_execution = False, 1
        self.stop_training = self.stop_evaluating = self.stop_predicting = False
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

        `jit_compile` and `auto_scale_loss` are accepted for Keras's scripts: the step is always compiled, and whole
        epochs already run in one call. Callbacks are told of batches in groups of `steps_per_execution`. With
        `run_eagerly` a train_step or test_step of the model's own is run as Python for each batch, and may look at the
        numbers.
        """
        from pippin.training.compiled import Compiled, CompileMetrics

        self.compilation = Compiled(optimizer, loss, loss_weights, metrics, weighted_metrics)
        self.compile_metrics = None if metrics is None and weighted_metrics is None else CompileMetrics(self)
        self.run_eagerly, self.steps_per_execution = bool(run_eagerly), steps_per_execution
        self.result_variables = {}
        self._forget_programs()

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.compilation is not None

    @property
    def optimizer(self) -> Any:
        return self.compilation.optimizer if self.compilation is not None else self._optimizer

    @optimizer.setter
    def optimizer(self, value: Any) -> None:
        self._optimizer = value
        if self.compilation is not None:
            self.compilation.optimizer = value
            self._forget_programs()

    @property
    def loss(self) -> Any:
        return self.compilation.loss if self.compilation is not None else None

    @property
    def metrics(self) -> list[Any]:
        """The mean loss, the metrics of `compile` as one, the losses of several outputs, then the metrics that are
        attributes of the model and of its layers."""
        if self._own_metrics[0] is not present[0]:
            self._own_metrics = (present[0], own_metrics(self))
        own = self._own_metrics[1]
        if self.compilation is None:
            return list(own)
        wanted = [] if self.compile_metrics is None else [self.compile_metrics]
        return [self.compilation.loss_tracker, *wanted, *self.compilation.output_trackers, *own]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The running totals of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """All variables as nested dicts: "trainable_variables", "non_trainable_variables", "optimizer_variables" and
        "metrics_variables", below them by the parts of their paths. Arrays, whatever `value_format` asks for."""
        from pippin.training.state_tree import state_tree

        return state_tree(self, value_format)

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Put numbers back that `get_state_tree` handed out, all or some of them."""
        from pippin.training.state_tree import set_state_tree

        set_state_tree(self, state_tree)

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def _need_compiled(self) -> Compiled:
        if self.compilation is None:
            raise NotCompiledError(
                f"{self.described()}: expected compile(optimizer, loss) before training or evaluating. "  # type: ignore[attr-defined]
                "Call model.compile(optimizer='adam', loss=...) first."
            )
        return self.compilation

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
        if isinstance(predictions, dict) and len(predictions) == count:
            return sorted(predictions)
        tensors = getattr(self, "outputs", None)
        if tensors and len(tensors) == count and type(self).__name__ != "Sequential":
            return [tensor.name if tensor.node is None else tensor.node.operation.name for tensor in tensors]
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
        """Lay weights and optimizer memory out flat, if that isn't done for the present trainable weights. Before the
        first step, layers that are built when `call` comes to them are waited for."""
        trainable = tuple(id(variable) for variable in self.trainable_variables)  # type: ignore[attr-defined]
        if trainable == self._laid_out:
            return
        if self._steps or all(layer.built for layer in self._flatten_layers()):  # type: ignore[attr-defined]
            from pippin.training.state import lay_out

            lay_out(self)
            self._laid_out = trainable

    # A step, which a subclass may write anew -----------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training on a batch; the figures so far, by name. A model's own is traced into the program that
        `fit` runs."""
        from pippin.training.custom import train_step

        return train_step(self, data)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of evaluation on a batch; the figures so far, by name."""
        from pippin.training.custom import test_step

        return test_step(self, data)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch."""
        from pippin.training.custom import unpack

        return self(unpack(data)[0], training=False)  # type: ignore[operator]

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The number that training makes smaller."""
        from pippin.training.custom import compute_loss

        self._need_compiled()
        return compute_loss(self, y, y_pred, sample_weight)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Add a batch to the metrics; the figures so far, by name."""
        from pippin.training.custom import compute_metrics

        self._need_compiled()
        return compute_metrics(self, y, y_pred, sample_weight)

    def get_metrics_result(self) -> dict[str, Any]:
        """The figures so far, by name."""
        found: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            found.update(result if isinstance(result, dict) else {metric.name: result})
        return found

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
        return self._told(evaluate(self, x, y, batch_size, verbose, sample_weight, steps, callbacks), return_dict)

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
        return self._told(on_batch(self, "train", self.before_step(x), y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """The figures on one batch, without changing the weights."""
        from pippin.training.evaluate import on_batch

        self._need_compiled()
        return self._told(on_batch(self, "test", self.before_step(x), y, sample_weight, None), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        from pippin.training.evaluate import predict_on_batch

        return predict_on_batch(self, self.before_step(x))

    def _told(self, logs: dict[str, float], return_dict: bool) -> Any:
        """Figures as a dict by name; or as a list (one alone as a number): the loss, then metrics as `compile` has
        them, then those whose names are other ones, by the alphabet."""
        if return_dict:
            return logs
        names = [one.name for metric in self.metrics for one in getattr(metric, "metrics", [metric])]
        ordered = [name for name in dict.fromkeys(names) if name in logs]
        found = [logs[name] for name in [*ordered, *sorted(logs.keys() - set(ordered))]]
        return found if len(found) > 1 else found[0]

    def before_step(self, x: Any) -> Any:
        """The data as the compiled step takes them: models that begin with layers of strings apply these here."""
        return x

    def reset_metrics(self) -> None:
        """Start all running totals again."""
        for metric in self.metrics:
            metric.reset_state()
        for variable in self.result_variables.values():
            variable.value[...] = 0


def own_metrics(layer: Any) -> list[Any]:
    """The metrics that are attributes of a layer, alone or in lists, and of the layers inside."""
    from pippin.layers.layer import Layer
    from pippin.metrics import Metric

    found = [
        thing
        for name, value in vars(layer).items()
        if name not in ("_own_metrics", "compile_metrics", "compilation")
        for thing in (
            value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
        )
        if isinstance(thing, Metric)
    ]
    inner = [own_metrics(one) for one in layer._own(Layer)]
    return list({id(metric): metric for metric in [*found, *(m for metrics in inner for m in metrics)]}.values())
