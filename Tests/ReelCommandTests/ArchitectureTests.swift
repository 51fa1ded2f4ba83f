import Foundation
import Testing

/// `reel describe` of an architecture: no folder, and no weight made for it.
@Suite struct ArchitectureTests {
  @Test(arguments: [
    ("alexnet", 62_378_344), ("alexnet-grouped", 60_965_224), ("vgg-16", 138_357_544),
    ("resnet-18", 11_689_512), ("resnet-34", 21_797_672), ("resnet-50", 25_557_032),
    ("resnet-101", 44_549_160), ("resnet-152", 60_192_808), ("lenet-5", 60_000),
  ])
  func totals(name: String, parameters: Int) throws {
    let folder = try TestFolder()
    let json = try Tool.run(["describe", name, "--json"], in: folder).json()
    #expect(json["parameters"] as? Int == parameters)
    #expect(json["architecture"] as? String == name)
    #expect((json["multiply_adds"] as? Int ?? 0) > 100_000)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.reduce(0) { $0 + ($1["parameters"] as? Int ?? 0) } == parameters)
    #expect(layers.first { $0["kernel"] != nil }?["receptive_field"] != nil)
  }

  @Test func table() throws {
    let folder = try TestFolder()
    let table = try Tool.run(["describe", "resnet-18"], in: folder).output
    #expect(table.contains("layer4.0.downsample.0") && table.contains("512×7×7"))
    #expect(table.contains("11,689,512") && table.contains("1,000 classes"))
    let changed = try Tool.run(
      ["describe", "resnet-18", "--input", "1,64,96", "--classes", "10"], in: folder
    ).output
    #expect(changed.contains("input 1×64×96, 10 classes") && changed.contains("512×2×3"))
    let sides = try Tool.run(["describe", "googlenet"], in: folder).output
    #expect(sides.contains("aux1.fc1 *") && sides.contains("6,998,552"))
  }

  @Test func wrongArguments() throws {
    let folder = try TestFolder()
    try Tool.expectError(64, "resnet-17", "resnet-18", from: ["describe", "resnet-17"], in: folder)
    try Tool.expectError(
      64, "[8, 8]", "layer features.0", from: ["describe", "alexnet", "--input", "3,8,8"],
      in: folder)
    try Tool.expectError(
      64, "--classes 0", from: ["describe", "vgg-16", "--classes", "0"], in: folder)
    for input in ["3,8", "3,8,x", "0,8,8"] {
      try Tool.expectError(64, input, from: ["describe", "vgg-16", "--input", input], in: folder)
    }
    try Tool.expectError(
      64, "--classes", "model", from: ["describe", "./resnet-18", "--classes", "3"], in: folder)
  }
}
