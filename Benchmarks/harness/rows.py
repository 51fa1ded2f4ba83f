"""The rows of `compare`: what reel-bench and the peers are told, the ratio to reach, and what bounds Reel."""

from typing import NamedTuple


class Row(NamedTuple):
    name: str
    arguments: list
    # The ratio to reach by peer, None where there is no goal; no other peer runs.
    goals: dict
    # What most of Reel's time goes into, as profiles show it (Guides/Performance.md).
    bound: str
    # Whether it takes part without --rows.
    is_usual: bool = True


CELLS = ["rnn", "gru", "lstm"]
SIZES = [(1, 256), (2, 512)]
TRAIN_GOALS = {
    ("rnn", 1): 3.5,
    ("rnn", 2): 3.0,
    ("gru", 1): 3.5,
    ("gru", 2): 3.0,
    ("lstm", 1): 2.0,
    ("lstm", 2): 1.35,
}
# Beside each peer, so beside the faster one.
FORWARD_GOALS = {"rnn": 3.0, "gru": 1.4, "lstm": 1.1}
STEP_GOAL = 1.2
# Of one step at batch 1, by layers: the weights of 1x256 stay in the second-level cache, those of 2x512 do not.
STEP_BOUNDS = {1: "weights from the 2nd-level cache", 2: "weights from the 3rd-level cache"}
FEW_ROWS = "weights read at every step"
# Batch, time steps, the ratio to reach of training steps of an LSTM 1x256, and what bounds them.
BATCHES = [(1, 128, 3.0, FEW_ROWS), (256, 32, 1.5, "products")]


def recurrent(task, cell, layers, hidden, batch, steps):
    arguments = ["--task", task, "--cell", cell, "--input", 128, "--vocabulary", 65]
    return arguments + ["--hidden", hidden, "--layers", layers, "--batch", batch, "--steps", steps]


def recurrent_rows(task):
    for cell in CELLS:
        for layers, hidden in SIZES:
            if task == "train":
                goals = {"pytorch": TRAIN_GOALS[cell, layers]}
            else:
                goal = FORWARD_GOALS[cell] if task == "forward" else STEP_GOAL
                goals = {"pytorch": goal, "onnxruntime": goal}
            batch, steps = (1, 1) if task == "step" else (32, 128)
            arguments = recurrent(task, cell, layers, hidden, batch, steps)
            bound = STEP_BOUNDS[layers] if task == "step" else "products"
            yield Row(f"{task} {cell} {layers}x{hidden}", arguments, goals, bound)
    if task == "step":
        # Beside PyTorch's dynamic quantization, and PyTorch in bfloat16.
        for weights in ["bf16", "int8"]:
            arguments = recurrent(task, "lstm", 2, 512, 1, 1) + ["--weights", weights]
            yield Row(f"step lstm 2x512 {weights}", arguments, {"pytorch": STEP_GOAL}, STEP_BOUNDS[2])
    if task == "train":
        for batch, steps, goal, bound in BATCHES:
            arguments = recurrent(task, "lstm", 1, 256, batch, steps)
            yield Row(f"train lstm 1x256 B{batch} T{steps}", arguments, {"pytorch": goal}, bound)
        arguments = ["--task", "train", "--cell", "lstm", "--input", 128, "--hidden", 128]
        arguments += ["--layers", 1, "--batch", 32, "--steps", 200, "--vocabulary", 20_000]
        arguments += ["--bidirectional", "--ragged"]
        bound = "small products, rows of the optimizer"
        yield Row("train bilstm 1x128 ragged", arguments, {"pytorch": 8.0}, bound)


def decoding_rows():
    arguments = ["--task", "decode", "--cell", "lstm", "--input", 128, "--vocabulary", 65]
    arguments += ["--hidden", 256, "--layers", 2, "--bidirectional", "--batch", 1, "--steps", 30]
    arguments += ["--beam", 5]
    yield Row("decode bilstm 2x256 beam 5", arguments, {"pytorch": 5.0}, "weights read for 1 and 5 rows")


# Temporal convolutional networks as Bai, Kolter and Koltun (2018) used them: for MNIST pixel by
# pixel, for text by characters, for chorales; and the first with a score at every step, all of which
# it then has to compute. Name, arguments, the ratio to reach in training, and what bounds it.
PIXELS = "--tcn 8x25 --kernel 7 --length 784 --batch 64 --input 1 --outputs 10"
TCNS = [
    ("8x25 k7", PIXELS, 5.0, "products and their transforms"),
    ("8x25 k7 every step", PIXELS + " --every-step", 5.0, "products and their transforms"),
    (
        "3x450 k3",
        "--tcn 3x450 --kernel 3 --length 400 --batch 16 --input 100 --outputs 50 --every-step",
        1.8,
        "products",
    ),
    (
        "4x150 k5",
        "--tcn 4x150 --kernel 5 --length 128 --batch 8 --input 88 --outputs 88 --every-step",
        2.2,
        "products",
    ),
]
CONVOLUTIONS = [("64x64x3x56", "products and their transforms"), ("256x256x3x14", "products")]


def convolution_rows():
    for task in ["train", "forward"]:
        for name, arguments, goal, bound in TCNS:
            goals = {"pytorch": goal if task == "train" else 1.0}
            yield Row(f"{task} tcn {name}", ["--task", task] + arguments.split(), goals, bound)
        for sizes, bound in CONVOLUTIONS:
            arguments = ["--task", task, "--conv", sizes, "--batch", 8]
            bound = bound if task == "train" else "products"
            yield Row(f"{task} conv {sizes}", arguments, {"pytorch": 1.0}, bound)
    arguments = "--task step --tcn 8x64 --kernel 3 --input 64 --outputs 10".split()
    yield Row("step tcn 8x64 k3", arguments, {"pytorch": None}, STEP_BOUNDS[1])


# Networks for images, with the batch, the ratio to reach, and what bounds them.
NETWORKS = [
    ("train", "lenet-5-modern", 64, 2.5, "many short pieces of work"),
    ("forward", "resnet-18", 1, 1.1, "products"),
    ("forward", "resnet-18", 8, 1.1, "products"),
    ("forward", "vgg-16", 1, 1.0, "weights from memory, products"),
    ("forward", "u-net-256", 1, 1.0, "products"),
    ("train", "u-net-256", 1, 1.2, "products and their transforms"),
]


def image_rows():
    for task, network, batch, goal, bound in NETWORKS:
        arguments = ["--task", task, "--network", network, "--batch", batch]
        yield Row(f"{task} {network} B{batch}", arguments, {"pytorch": goal}, bound)


# Sizes that nothing was made for: units with their batch. Odd ones may be a quarter slower, beside
# PyTorch, than the size that everything was tuned with.
ODD_SIZES = [(96, 32), (200, 32), (384, 32), (1000, 32), (256, 1), (256, 7), (256, 20), (256, 100)]
SHARE_OF_GOAL = 0.75


def size_rows():
    for cell in CELLS:
        for hidden, batch in ODD_SIZES:
            goal = TRAIN_GOALS[cell, 2 if hidden == 1000 else 1] * SHARE_OF_GOAL
            arguments = recurrent("train", cell, 1, hidden, batch, 128)
            bound = FEW_ROWS if batch < 8 else "products"
            yield Row(f"sizes {cell} 1x{hidden} B{batch}", arguments, {"pytorch": goal}, bound, False)


def workloads():
    """In the order of the table."""
    rows = [row for task in ["train", "forward", "step"] for row in recurrent_rows(task)]
    rows += [*decoding_rows(), *convolution_rows(), *image_rows(), *size_rows()]
    return [row._replace(arguments=list(map(str, row.arguments))) for row in rows]


def chosen(expression):
    """The rows whose name matches a compiled expression; None: those of a usual run."""
    if expression is None:
        return [row for row in workloads() if row.is_usual]
    return [row for row in workloads() if expression.search(row.name)]
