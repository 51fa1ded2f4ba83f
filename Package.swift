// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Reel",
  products: [
    .library(name: "Reel", targets: ["Reel"]),
    .executable(name: "reel", targets: ["ReelCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Floor 0: kernels in C, and the system libraries.
    .target(name: "CReelKernels"),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CUTF8Proc", providers: [.apt(["libutf8proc-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

    // Floor 1: tensors and gradients; text, which knows no tensor.
    .target(name: "ReelTensor", dependencies: ["CReelKernels", "COpenBLAS"]),
    .target(name: "ReelText", dependencies: ["CUTF8Proc"]),

    // Floor 2: layers; files of named tensors.
    .target(name: "ReelLayers", dependencies: ["ReelTensor"]),
    .target(name: "ReelFormats", dependencies: ["ReelTensor", "CPNG", "CZlib"]),

    // Floor 3: recurrent networks; networks for images; training.
    .target(name: "ReelSequence", dependencies: ["ReelLayers"]),
    .target(name: "ReelVision", dependencies: ["ReelLayers"]),
    .target(name: "ReelTraining", dependencies: ["ReelLayers", "ReelFormats"]),

    // Floor 4: the library that others import.
    .target(
      name: "Reel",
      dependencies: [
        "ReelTensor", "ReelText", "ReelLayers", "ReelFormats", "ReelSequence", "ReelVision",
        "ReelTraining",
      ]),

    // Floor 5: the `reel` tool.
    .executableTarget(
      name: "ReelCommand",
      dependencies: [
        "Reel", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Double oracles, comparisons and the check of a module's visitor, for the tests below.
    .target(
      name: "ReelTestSupport", dependencies: ["ReelLayers"], path: "Tests/ReelTestSupport"),

    .testTarget(name: "ReelKernelTests", dependencies: ["CReelKernels"]),
    .testTarget(name: "ReelTensorTests", dependencies: ["ReelTensor", "ReelTestSupport"]),
    .testTarget(
      name: "ReelTextTests", dependencies: ["ReelText"], resources: [.copy("Fixtures")]),
    .testTarget(name: "ReelLayersTests", dependencies: ["ReelLayers", "ReelTestSupport"]),
    .testTarget(
      name: "ReelFormatsTests", dependencies: ["ReelFormats"],
      exclude: ["make_fixtures.py"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ReelSequenceTests",
      dependencies: ["ReelSequence", "ReelFormats", "ReelTestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ReelVisionTests",
      dependencies: ["ReelVision", "ReelFormats", "ReelTraining", "ReelTestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ReelTrainingTests", dependencies: ["ReelTraining"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "ReelTests", dependencies: ["Reel", "ReelTestSupport"]),
    .testTarget(name: "ReelCommandTests", dependencies: ["Reel", "ReelCommand"]),
  ],
  swiftLanguageModes: [.v6]
)
