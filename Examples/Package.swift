// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Examples",
  dependencies: [.package(name: "Reel", path: "..")],
  targets: [
    .executableTarget(
      name: "CharacterGeneration", dependencies: [.product(name: "Reel", package: "Reel")]),
    .executableTarget(
      name: "TokenizeText", dependencies: [.product(name: "Reel", package: "Reel")]),
  ],
  swiftLanguageModes: [.v6]
)
