"""Keras's callbacks. Each is imported when it is first named."""

from pippin.lazy import lazily

_HOMES = {
    "BackupAndRestore": "pippin.training.checkpoint",
    "Callback": "pippin.callbacks.callback",
    "CallbackList": "pippin.callbacks.callback",
    "CSVLogger": "pippin.callbacks.csv_logger",
    "EarlyStopping": "pippin.callbacks.early_stopping",
    "History": "pippin.callbacks.history",
    "LambdaCallback": "pippin.callbacks.lambda_callback",
    "LearningRateScheduler": "pippin.callbacks.learning_rate",
    "ModelCheckpoint": "pippin.callbacks.model_checkpoint",
    "ProgbarLogger": "pippin.callbacks.progress",
    "ReduceLROnPlateau": "pippin.callbacks.learning_rate",
    "RemoteMonitor": "pippin.callbacks.remote_monitor",
    "SwapEMAWeights": "pippin.callbacks.swap_ema_weights",
    "TensorBoard": "pippin.callbacks.tensorboard",
    "TerminateOnNaN": "pippin.callbacks.terminate_on_nan",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
