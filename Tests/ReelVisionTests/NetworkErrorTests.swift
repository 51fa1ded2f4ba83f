import Foundation
import ReelLayers
import ReelTensor
import ReelVision
import Testing

/// Descriptions that make no network, and images that do not fit one: one clear line.
@Suite struct NetworkErrorTests {
  private func error(
    _ layers: NetworkDescription, input: [Int] = [3, 8, 8], classes: Int = 4
  ) -> String? {
    let architecture = Architecture(
      name: "wrong", source: "", input: input, classes: classes, layers: layers)
    do {
      _ = try LayerTable(architecture)
      return nil
    } catch {
      return error.description
    }
  }

  private func expect(
    _ layers: NetworkDescription, _ parts: String..., input: [Int] = [3, 8, 8], classes: Int = 4
  ) {
    let message = error(layers, input: input, classes: classes)
    for part in parts { #expect(message?.contains(part) == true, "\(message ?? "no error")") }
    #expect(message?.contains("\n") != true)
  }

  @Test func descriptions() {
    expect(["fc": .linear(.classes)], "layer fc", "3×8×8", "vector expected")
    expect(
      ["flatten": .flatten, "conv": .convolution(4, kernel: 3)], "layer conv", "192",
      "maps expected")
    expect(["a": .sequence([.relu, .convolution(4, kernel: 9)])], "layer a.1", "9", "8")
    expect(["c": .convolution(4, kernel: 3, groups: 2)], "layer c", "2", "3")
    expect(["c": .convolution(0, kernel: 3)], "width 0")
    expect(["c": .convolution(4, kernel: [0, 1])], "kernel 0")
    expect(["d": .dropout(1)], "1.0", "below 1")
    expect(["p": .maxPooling(9)], "layer p", "9")
    expect(["j": .join("nowhere")], "nothing was kept as \"nowhere\"", "input")
    expect(
      ["s": .save("a"), "p": .maxPooling(2), "j": .join("a")], "layer j", "3×4×4", "same size")
    expect(
      ["r": .residual(["c": .convolution(4, kernel: 1)])], "layer r", "4×8×8", "3×8×8")
    expect(
      ["b": .branches([["p": .maxPooling(2)], ["i": .relu]])], "layer b", "3×4×4", "one size")
    expect(["b": .branches([])], "at least one")
    expect(
      ["r": .recurrent(["c": .convolution(2, kernel: 1)], steps: 2)], "2×8×8", "4×8×8")
    expect(["r": .recurrent([.convolution(.classes, kernel: 1)], steps: 0)], "steps 0")
    expect(
      ["c": .convolution(4, kernel: 1), "": .sequence(["c": .convolution(4, kernel: 1)])],
      "two layers", "c")
    expect(["w": .widening(2)], "3", "2")
    expect(["t": .tableConvolution(.leNetC3, kernel: 3)], "6", "3×8×8")
    expect(
      [
        "f": .flatten, "a": .linear(16_777_216), "b": .linear(16_777_216),
      ], "layer b", "2^44")
    expect(["relu": .relu], "input [3, 0, 8]", input: [3, 0, 8])
    expect(["relu": .relu], "0 classes", classes: 0)
  }

  @Test func names() {
    #expect(throws: NetworkError.self) { try Architecture.named("resnet-17") }
    do {
      _ = try Architecture.named("resnet-17")
    } catch {
      #expect(error.description.contains("\"resnet-17\""))
      #expect(error.description.contains("resnet-18"))
    }
    #expect(Set(Architecture.all.map(\.name)).count == Architecture.all.count)
  }

  @Test func images() throws {
    var generator = RandomGenerator(seed: 1)
    let network = try ImageNetwork(.leNet5Modern, using: &generator)
    try network.check([1, 32, 32])
    try network.check([7, 1, 28, 28])
    func error(_ shape: [Int]) -> String {
      do {
        try network.check(shape)
        return ""
      } catch { return error.description }
    }
    #expect(
      error([3, 32, 32]).contains("[3, 32, 32]") && error([3, 32, 32]).contains("1 channels"))
    #expect(error([1, 36, 36]).contains("fc1") && error([1, 36, 36]).contains("400 expected"))
    #expect(error([32, 32]).contains("[32, 32]"))
  }

  /// A file that holds something else than a description.
  @Test func coding() {
    for text in [
      #"{"name":"a","layer":{"convolution":{"channels":"many"}}}"#,
      #"{"name":"a","layer":{"convolution":{"channels":3,"kernel":[1,2,3]}}}"#,
      #"{"name":"a","layer":{"nothing":{}}}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(NetworkDescription.Entry.self, from: Data(text.utf8))
      }
    }
  }
}
