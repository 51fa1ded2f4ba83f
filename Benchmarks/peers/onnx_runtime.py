#!/usr/bin/env python3
"""Times one workload in ONNX Runtime and prints one JSON object; workload.py says what each one is.

    pip install onnxruntime onnx numpy
    Benchmarks/peers/onnx_runtime.py --task forward --cell lstm --hidden 512 --layers 2 --threads 2

The model is built node by node from the operators RNN, GRU (reset-after) and LSTM: Gather →
recurrent layers → MatMul → Add, and for `step` → ArgMax, all in one session. It only infers, so there
is no `train`. Variants: `run` hands arrays over at each call; `bound` binds inputs and outputs once
(in `step`, two bindings that write each other's inputs); `bound-single` is that with one thread, which
is often faster at batch 1.

The file is not named after the package, which Python could then not import from here.
"""

import sys

import workload

try:
    import numpy
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
except ImportError as error:
    sys.exit(f"{error.name} is not installed; to install it: pip install onnxruntime onnx numpy")

OPERATORS = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
VARIANTS = ("run", "bound", "bound-single")


class Model:
    """The graph. Ids are [time, batch]; states are one `[directions, batch, hidden]` for each layer."""

    def __init__(self, options):
        self.options = options
        self.random = numpy.random.default_rng(1)
        self.nodes, self.constants = [], []
        self.inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["time", options.batch])
        ]
        self.outputs = []
        if options.ragged:
            self.inputs.append(
                helper.make_tensor_value_info("lengths", TensorProto.INT32, [options.batch])
            )
        features = self.node("Gather", [self.weight(options.vocabulary, options.input), "ids"])
        for layer in range(options.layers):
            features, final = self.recurrent(layer, features)
        width = options.directions * options.hidden
        if options.ragged:
            features = self.flattened(final, [1, 0, 2], [options.batch, width])
        classes = workload.CLASSES if options.ragged else options.vocabulary
        product = self.node("MatMul", [features, self.weight(width, classes)])
        generates = options.task == "step"
        logits = self.node(
            "Add", [product, self.weight(classes)], name=None if generates else "logits"
        )
        if generates:
            self.node("ArgMax", [logits], name="next", axis=-1, keepdims=0)
            kind, shape = TensorProto.INT64, ["time", options.batch]
            self.outputs.append(helper.make_tensor_value_info("next", kind, shape))
        else:
            kind = TensorProto.FLOAT
            shape = ([] if options.ragged else ["time"]) + [options.batch, classes]
            self.outputs.append(helper.make_tensor_value_info("logits", kind, shape))

    def recurrent(self, layer, features):
        options = self.options
        rows = workload.GATES[options.cell] * options.hidden
        directions, width = options.directions, workload.layer_input(options, layer)
        arguments = [
            features,
            self.weight(directions, rows, width),
            self.weight(directions, rows, options.hidden),
            self.weight(directions, 2 * rows),
            "lengths" if options.ragged else "",
        ]
        parts = ["h", "c"] if options.cell == "lstm" else ["h"]
        shape = [directions, options.batch, options.hidden]
        for part in parts:
            name = f"{part}{layer}"
            arguments.append(name)
            self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
            self.outputs.append(
                helper.make_tensor_value_info(f"{name}_final", TensorProto.FLOAT, shape)
            )
        attributes = {"hidden_size": options.hidden}
        attributes["direction"] = "bidirectional" if options.bidirectional else "forward"
        if options.cell == "gru":
            attributes["linear_before_reset"] = 1
        results = [f"y{layer}"] + [f"{part}{layer}_final" for part in parts]
        operator = OPERATORS[options.cell]
        self.nodes.append(helper.make_node(operator, arguments, results, **attributes))
        # [time, directions, batch, hidden] → [time, batch, directions · hidden]
        if options.directions == 1:
            output = self.node("Squeeze", [results[0], self.integers([1])])
        else:
            flat = [0, options.batch, options.directions * options.hidden]
            output = self.flattened(results[0], [0, 2, 1, 3], flat)
        return output, results[1]

    def flattened(self, name, order, shape):
        transposed = self.node("Transpose", [name], perm=order)
        return self.node("Reshape", [transposed, self.integers(shape)])

    def node(self, operator, inputs, name=None, **attributes):
        name = name or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def weight(self, *shape):
        bound = self.options.hidden**-0.5
        return self.constant(self.random.uniform(-bound, bound, shape).astype(numpy.float32))

    def integers(self, values):
        return self.constant(numpy.array(values, dtype=numpy.int64))

    def constant(self, array):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def session(self, threads):
        graph = helper.make_graph(self.nodes, "reel", self.inputs, self.outputs, self.constants)
        # An operator set and file version that every ONNX Runtime of the last years reads.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        if not self.options.keep_denormals:
            settings.add_session_config_entry("session.set_denormal_as_zero", "1")
        return onnxruntime.InferenceSession(
            model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
        )


def zero_states(options, session):
    shape = (options.directions, options.batch, options.hidden)
    names = [entry.name for entry in session.get_inputs() if entry.name[0] in "hc"]
    return {name: numpy.zeros(shape, dtype=numpy.float32) for name in names}


def forward(options, session, variant):
    feeds = zero_states(options, session)
    feeds["ids"] = numpy.ascontiguousarray(numpy.array(workload.ids(options), dtype=numpy.int64).T)
    if options.ragged:
        feeds["lengths"] = numpy.array(workload.lengths(options), dtype=numpy.int32)
    if variant == "run":
        return lambda: session.run(["logits"], feeds)
    binding = session.io_binding()
    for name, array in feeds.items():
        binding.bind_cpu_input(name, array)
    logits = onnxruntime.OrtValue.ortvalue_from_numpy(session.run(["logits"], feeds)[0])
    binding.bind_ortvalue_output("logits", logits)
    return lambda: session.run_with_iobinding(binding)


def generate(options, session, variant):
    states = zero_states(options, session)
    ids = numpy.zeros((1, options.batch), dtype=numpy.int64)
    if variant == "run":
        return generate_by_run(session, states, ids)
    value = onnxruntime.OrtValue.ortvalue_from_numpy
    buffers = [
        {name: value(array.copy()) for name, array in {**states, "ids": ids}.items()}
        for _ in range(2)
    ]
    bindings = []
    for source, target in [buffers, reversed(buffers)]:
        binding = session.io_binding()
        for name in source:
            result = "next" if name == "ids" else f"{name}_final"
            binding.bind_ortvalue_input(name, source[name])
            binding.bind_ortvalue_output(result, target[name])
        bindings.append(binding)

    def block():
        for step in range(workload.BLOCK):
            session.run_with_iobinding(bindings[step % 2])

    return block


def generate_by_run(session, states, ids):
    feeds = {"ids": ids, **states}
    names = list(feeds)
    results = ["next"] + [f"{name}_final" for name in states]

    def block():
        nonlocal feeds
        for _ in range(workload.BLOCK):
            feeds = dict(zip(names, session.run(results, feeds)))

    return block


def main():
    options = workload.parse(["forward", "step"], VARIANTS)
    model = Model(options)
    make = generate if options.task == "step" else forward

    def body(variant):
        threads = 1 if variant.endswith("-single") else options.threads
        return make(options, model.session(threads), variant)

    names = VARIANTS if options.task == "step" and options.threads > 1 else VARIANTS[:2]
    bodies = {name: lambda name=name: body(name) for name in names}
    settings = {"denormals": "kept" if options.keep_denormals else "flushed"}
    versions = {"onnxruntime": onnxruntime.__version__}
    workload.measure_and_print(options, "onnxruntime", versions, bodies, settings)


if __name__ == "__main__":
    main()
