// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "Reel", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "reel-bench",
      dependencies: [
        .product(name: "Reel", package: "Reel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "reel-bench-text",
      dependencies: [
        .product(name: "Reel", package: "Reel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "reel-bench-tagging",
      dependencies: [
        .product(name: "Reel", package: "Reel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "reel-bench-sequences",
      dependencies: [
        .product(name: "Reel", package: "Reel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "reel-bench-generation",
      dependencies: [
        .product(name: "Reel", package: "Reel"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
