"""One sample through onnxruntime, for the workload that the command line names: `run`, or with "binding" inputs and
outputs bound beforehand to memory that the caller reads and writes. The graph has Keras's layout, so a picture is
transposed once; with one channel that moves nothing."""

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from benchmarks.work.measure import asked, per_call, tell


def graph(work) -> bytes:
    nodes, numbers, weights, value = [], [], iter(work.weights()), "x"

    def node(kind, *others, **settings):
        nonlocal value
        inputs = [value]
        for array in others:
            inputs.append(f"w{len(numbers)}")
            numbers.append(numpy_helper.from_array(np.ascontiguousarray(array), inputs[-1]))
        value = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [value], **settings))

    if len(work.shape) == 3:
        node("Transpose", perm=[0, 3, 1, 2])
    for layer in work.layers:
        if layer.kind == "conv":
            kernel = next(weights).transpose(3, 2, 0, 1)
            node("Conv", kernel, next(weights), auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID")
        elif layer.kind == "pool":
            node("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
        elif layer.kind == "flatten":
            node("Transpose", perm=[0, 2, 3, 1])
            node("Flatten")
        elif layer.kind == "dense":
            node("Gemm", next(weights), next(weights))
        if layer.activation:
            node({"relu": "Relu", "softmax": "Softmax"}[layer.activation])
    x = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, *work.shape])
    y = helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, [1, work.classes])
    built = helper.make_graph(nodes, "network", [x], [y], numbers)
    model = helper.make_model(built, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


work, settings = asked()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1  # faster for one sample than two
session = onnxruntime.InferenceSession(graph(work), options, providers=["CPUExecutionProvider"])
x = work.data()[0][:1]
if settings.get("binding"):
    name = session.get_outputs()[0].name
    given = onnxruntime.OrtValue.ortvalue_from_numpy(x)
    made = onnxruntime.OrtValue.ortvalue_from_numpy(np.empty((1, work.classes), np.float32))
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", given)
    binding.bind_ortvalue_output(name, made)
    raw = session._sess
    seconds = per_call(lambda: raw.run_with_iobinding(binding._iobinding, None))
    scores = made.numpy()
else:
    seconds = per_call(lambda: session.run(None, {"x": x}))
    scores = session.run(None, {"x": x})[0]
tell(seconds=seconds, scores=scores.tolist())
