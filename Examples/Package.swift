// swift-tools-version: 6.2
import PackageDescription

let examples = [
  "Agreement", "CharacterGeneration", "DigitsLeNet", "EntityTagging", "GraphemeToPhoneme",
  "LearnedFilters", "PlainVersusResidual", "SegmentationUNet", "SentimentClassification",
  "SequenceModelsCompared", "TokenizeText", "TransferLearning", "VanishingGradient",
]

let package = Package(
  name: "Examples",
  dependencies: [
    .package(name: "Reel", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .target(name: "ExampleCorpora"),
    .testTarget(name: "ExampleTests", dependencies: examples.map { .init(stringLiteral: $0) }),
  ]
    + examples.map {
      .executableTarget(
        name: $0,
        dependencies: [
          "ExampleCorpora", .product(name: "Reel", package: "Reel"),
          .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ])
    },
  swiftLanguageModes: [.v6]
)
