import Foundation
import ReelFormats
import ReelTensor
import Testing

/// One network of `make_vision_fixtures.py`: as PyTorch saves it, and what it gives there.
struct Fixture {
  let stateDict: NamedTensors
  let expected: NamedTensors

  init(_ name: String) throws {
    stateDict = try Self.read("\(name)_state_dict")
    expected = try Self.read("\(name)_expected")
  }

  private static func read(_ name: String) throws -> NamedTensors {
    let path = try #require(
      Bundle.module.url(forResource: "Fixtures/\(name).safetensors", withExtension: nil)?.path(
        percentEncoded: false))
    return try Safetensors.read(path).tensors
  }

  /// A tensor that must be there.
  func callAsFunction(_ name: String) throws -> Tensor {
    try #require(expected[name], "the fixture has no tensor \(name)")
  }
}
