import ReelVision
import Testing

/// Parameters and sizes of the architectures, as their papers or well-known implementations give
/// them.
@Suite struct ArchitectureCountTests {
  /// torchvision's are the `num_params` of its weights; where it leaves out auxiliary classifiers,
  /// the second number counts them too.
  @Test(arguments: [
    // Krizhevsky et al. 2012: without groups, with them, and torchvision's.
    ("alexnet", 62_378_344), ("alexnet-grouped", 60_965_224), ("alexnet-torchvision", 61_100_840),
    // Sums of the layer sizes in the papers.
    ("zfnet", 62_357_608), ("nin", 966_986), ("all-cnn", 1_369_738), ("lenet-5", 60_000),
    ("lenet-5-modern", 61_706), ("perceptron", 7_850), ("two-layer", 238_510),
    // torchvision.
    ("vgg-11", 132_863_336), ("vgg-13", 133_047_848), ("vgg-16", 138_357_544),
    ("vgg-19", 143_667_240), ("vgg-11-bn", 132_868_840), ("vgg-13-bn", 133_053_736),
    ("vgg-16-bn", 138_365_992), ("vgg-19-bn", 143_678_248),
    ("resnet-18", 11_689_512), ("resnet-34", 21_797_672), ("resnet-50", 25_557_032),
    ("resnet-101", 44_549_160), ("resnet-152", 60_192_808),
    ("squeezenet-1.0", 1_248_424), ("squeezenet-1.1", 1_235_496),
    ("googlenet-torchvision", 13_004_888), ("inception-v3", 27_161_264),
    // Caffe's bvlc_googlenet.
    ("googlenet", 13_378_280),
    // The PyTorch ports of the released models.
    ("inception-v2", 11_295_240), ("inception-v4", 42_679_816),
    ("inception-resnet-v2", 55_843_464),
    // He et al. 2016, table 6: 0.27, 0.85, 1.7 and 19.4 million.
    ("resnet-20", 269_722), ("resnet-56", 853_018), ("resnet-110", 1_727_962),
    ("resnet-1202", 19_421_274),
    // The published sizes with one input channel and two classes.
    ("u-net", 31_030_658),
  ])
  func parameters(name: String, count: Int) throws {
    #expect(try LayerTable(.named(name)).parameters == count)
  }

  @Test(arguments: [
    ("googlenet", 6_998_552), ("googlenet-torchvision", 6_624_904), ("inception-v3", 23_834_568),
  ])
  func withoutAuxiliaries(name: String, count: Int) throws {
    let table = try LayerTable(.named(name))
    #expect(table.parameters - table.auxiliaryParameters == count)
  }

  /// torchvision's `_ops` of its weights, in billions of multiply-adds.
  @Test(arguments: [
    ("alexnet-torchvision", 0.714), ("vgg-11", 7.609), ("vgg-13", 11.308), ("vgg-16", 15.470),
    ("vgg-19", 19.632), ("resnet-18", 1.814), ("resnet-34", 3.664), ("resnet-50", 4.089),
    ("resnet-101", 7.801), ("resnet-152", 11.514), ("squeezenet-1.0", 0.819),
    ("squeezenet-1.1", 0.349), ("googlenet-torchvision", 1.498), ("inception-v3", 5.713),
  ])
  func multiplyAdds(name: String, billions: Double) throws {
    let count = Double(try LayerTable(.named(name)).multiplyAdds) / 1e9
    #expect(abs(count - billions) < 0.0015 + billions * 1e-3, "\(count)")
  }

  private func output(_ table: LayerTable, _ name: String) throws -> [Int] {
    try #require(table.rows.last { $0.name == name }, "no layer \(name)").output
  }

  @Test func leNetSizes() throws {
    let table = try LayerTable(.leNet5)
    let names = ["c1", "s2", "c3", "s4", "c5", "f6", "output"]
    #expect(
      try names.map { try output(table, $0) } == [
        [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [120, 1, 1], [84], [10],
      ])
    #expect(
      names.map { name in table.rows.first { $0.name == name }?.parameters } == [
        156, 12, 1516, 32, 48_120, 10_164, 0,
      ])
    #expect(try LayerTable(.leNet5, input: [1, 28, 28]).parameters == 60_000)
  }

  @Test func sizes() throws {
    for architecture in [Architecture.alexNet, .alexNetGrouped, .alexNetTorchvision] {
      let table = try LayerTable(architecture)
      let sizes = table.rows.filter { $0.output.count == 3 }.map { $0.output[1] }
      var distinct: [Int] = []
      for size in sizes where distinct.last != size { distinct.append(size) }
      #expect(distinct == [55, 27, 13, 6], "\(architecture.name)")
    }
    for name in ["vgg-11", "vgg-16", "vgg-19", "vgg-16-bn"] {
      let table = try LayerTable(.named(name))
      #expect(table.rows.last { $0.name.hasPrefix("features") }?.output == [512, 7, 7])
    }
    let uNet = try LayerTable(.uNet)
    #expect(uNet.output == [2, 388, 388])
    #expect(try output(uNet, "bottom.2") == [1024, 28, 28])
    #expect(try LayerTable(.googLeNet).rows.last { $0.output.count == 3 }?.output == [1024, 7, 7])
    #expect(try output(LayerTable(.inceptionV3), "Mixed_7c") == [2048, 8, 8])
    #expect(try output(LayerTable(.inceptionV4), "features.21") == [1536, 8, 8])
  }

  /// What the shortcut through fewer channels saves: some 70,000 weights where a plain 3×3
  /// convolution of 256 channels has some 600,000.
  @Test func bottleneck() throws {
    let table = try LayerTable(.resNet50)
    let block = table.rows(at: "layer1.1").filter { $0.kind == "convolution" }
    #expect(block.map(\.parameters) == [16_384, 36_864, 16_384])
    #expect(block.reduce(0) { $0 + $1.parameters } == 69_632)
    let plain = Architecture(
      name: "plain", source: "", input: [256, 56, 56], classes: 1,
      layers: ["conv": .convolution(256, kernel: 3, padding: 1, bias: false)])
    #expect(try LayerTable(plain).parameters == 589_824)
  }

  /// VGG-16 sees 212 pixels before its affine maps and AlexNet 195 (Araujo, Norris and Sim 2019). A
  /// ResNet-50 sees 483 where the stride is in the first 1×1 convolution of a block, and 427 where it
  /// is in the 3×3, as here and in torchvision.
  @Test func receptiveFields() throws {
    func field(_ architecture: Architecture, _ last: String) throws -> [Int]? {
      try LayerTable(architecture).rows.last { $0.name.hasPrefix(last) }?.receptiveField
    }
    #expect(try field(.vgg16, "features") == [212, 212])
    #expect(try field(.resNet50, "layer4") == [427, 427])
    #expect(try field(.alexNet, "features") == [195, 195])
    #expect(try field(.leNet5, "c5") == [32, 32])
  }

  /// The same weights for images of any size.
  @Test func anySize() throws {
    for architecture in [Architecture.fcn32, .fcn16, .fcn8] {
      for size in [[224, 224], [500, 500], [333, 411]] {
        let table = try LayerTable(architecture, input: [3] + size)
        #expect(table.output == [21] + size)
        #expect(table.parameters == (try LayerTable(architecture).parameters))
      }
    }
    #expect(try LayerTable(.resNet18, input: [3, 64, 96]).parameters == 11_689_512)
  }
}
