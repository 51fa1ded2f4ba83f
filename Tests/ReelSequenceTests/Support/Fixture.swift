import Foundation
import ReelFormats
import ReelTensor
import Testing

/// The tensors of one file in `Fixtures`, which `make_pytorch_fixtures.py` makes.
struct Fixture {
  let tensors: NamedTensors

  init(_ name: String) throws {
    let path = try #require(
      Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)?.path(
        percentEncoded: false))
    tensors = try Safetensors.read(path).tensors
  }

  /// One case: the tensors whose names start with `case/`, without that part.
  func callAsFunction(case name: String) throws -> FixtureCase {
    let prefix = name + "/"
    var result = NamedTensors()
    for (name, tensor) in tensors where name.hasPrefix(prefix) {
      result.append(String(name.dropFirst(prefix.count)), tensor)
    }
    try #require(!result.isEmpty, "the fixture has no case \(name)")
    return FixtureCase(tensors: result)
  }
}

struct FixtureCase {
  let tensors: NamedTensors

  /// A tensor that must be there.
  func callAsFunction(_ name: String) throws -> Tensor {
    try #require(tensors[name], "the fixture has no tensor \(name)")
  }

  /// The tensors whose names start with `prefix.`, without that part.
  func group(_ prefix: String) -> NamedTensors {
    var result = NamedTensors()
    for (name, tensor) in tensors where name.hasPrefix(prefix + ".") {
      result.append(String(name.dropFirst(prefix.count + 1)), tensor)
    }
    return result
  }

  /// Whole numbers that the file holds as Floats.
  func integers(_ name: String) throws -> [Int] { try self(name).values.map { Int($0) } }
}
