"""`tf.test`: what scripts ask about the machine before they begin."""


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: object = None) -> bool:
    """Whether there is a GPU that would be used: no."""
    return False


def is_built_with_cuda() -> bool:
    """Whether GPUs could be used: no."""
    return False


def gpu_device_name() -> str:
    """The name of the GPU, or nothing."""
    return ""
