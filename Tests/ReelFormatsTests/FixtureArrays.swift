import ReelFormats
import ReelTensor

/// What make_fixtures.py puts into its files, computed again.
enum FixtureArrays {
  static let all: NamedTensors = [
    "float32": ramp([2, 3, 4], 0.25, -3),
    "float16": ramp([3, 5], 0.5, -2),
    "float64": ramp([7], 0.125, -0.5),
    "int8": ramp([4], 1, -2),
    "int16": ramp([2, 2], 1000, -1500),
    "int32": ramp([3], 100_000, -100_000),
    "int64": ramp([5], 3, -6),
    "uint8": ramp([2, 3], 50),
    "uint16": ramp([3], 30_000),
    "uint32": ramp([3], 1_048_576),
    "uint64": ramp([2], 1_048_576),
    "bool": Tensor(shape: [6], values: [0, 1, 0, 1, 0, 1]),
    "scalar": Tensor(1.5),
    "empty": Tensor(zeros: [0, 3]),
    "größe/κ": ramp([2], 1, 1),
  ]

  /// floats.npz
  static let floats: NamedTensors = [
    "weight": ramp([2, 3, 4], 0.25, -3),
    "bias": ramp([5], 1, -2),
    "scalar": Tensor(1.5),
    "empty": Tensor(zeros: [0, 3]),
    "größe": ramp([2], 1, 1),
  ]
}
