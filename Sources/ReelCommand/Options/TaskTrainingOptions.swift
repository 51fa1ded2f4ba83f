import ArgumentParser
import Reel

/// What is held out of the training, and where the examples are.
struct ExampleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The examples to train on.", valueName: "file"))
  var corpus: String

  @Option(
    help: ArgumentHelp(
      """
      Examples in the same format that choose the best model (default: a part of the corpus).
      """, valueName: "file"))
  var validation: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The part of the corpus that is held out for that where there is no --validation, always the \
      same; 0 for none: the last model is then kept (default: \(Self.standardFraction)).
      """, valueName: "share"))
  var validationFraction: Double?

  static var standardFraction: Double { 0.1 }

  /// - Throws: a wrong argument for a share out of range.
  func check() throws {
    guard let validationFraction else { return }
    guard validation == nil else {
      throw CommandError.wrongArgument(
        "--validation and --validation-fraction: one of them is expected")
    }
    guard validationFraction >= 0 && validationFraction < 1 else {
      throw CommandError.wrongArgument(
        "validation fraction \(validationFraction): a number of at least 0 and below 1 is expected")
    }
  }

  /// Reads the examples, and holds a part of them out.
  ///
  /// - Parameters:
  ///   - read: reads a file.
  ///   - label: of an example; each label has its share of what is held out.
  func read<Item>(
    _ read: (String) throws -> [Item], label: (Item) -> String = { _ in "" }
  ) throws -> HeldOutExamples<Item> {
    let items = try read(corpus)
    guard !items.isEmpty else {
      throw CommandError("corpus '\(corpus)' holds no examples, at least 1 is expected")
    }
    if let validation {
      let heldOut = try read(validation)
      guard !heldOut.isEmpty else {
        throw CommandError("corpus '\(validation)' holds no examples, at least 1 is expected")
      }
      return HeldOutExamples(
        training: items, heldOut: heldOut, trainingFile: corpus, heldOutFile: validation)
    }
    let fraction = validationFraction ?? Self.standardFraction
    let labels = Labels(of: items.map(label))
    let classes = items.map { labels.index(of: label($0)) ?? -1 }
    // The same part whatever the seed, so that a training can be resumed and others compared.
    var generator = RandomGenerator(seed: 0)
    let parts = Splits.parts(
      classes: classes, fractions: [1 - fraction, fraction], using: &generator)
    return HeldOutExamples(
      training: parts[0].map { items[$0] }, heldOut: parts[1].map { items[$0] },
      trainingFile: corpus, heldOutFile: corpus)
  }
}

/// Examples as they were read, and where.
struct HeldOutExamples<Item> {
  let training: [Item]
  let heldOut: [Item]
  let trainingFile: String
  let heldOutFile: String

  /// Both parts as a model takes them.
  ///
  /// - Throws: an error that names the file.
  func map<Example>(
    _ example: (Item) throws -> Example
  ) throws -> (training: [Example], heldOut: [Example]) {
    (
      try Self.map(training, trainingFile, example),
      try Self.map(heldOut, heldOutFile, example)
    )
  }

  /// - Throws: an error that names the file.
  static func map<Example>(
    _ items: [Item], _ file: String, _ example: (Item) throws -> Example
  ) throws -> [Example] {
    do {
      return try items.map(example)
    } catch let error as TextError {
      let text = error.description
      throw text.hasPrefix("line ") ? CommandError("corpus '\(file)', \(text)") : error
    }
  }
}
