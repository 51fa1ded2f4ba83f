import ArgumentParser
import Foundation
import Reel

/// The formats of examples: rows of tab-separated values, or lines of JSON.
enum ExampleFormat: String, ExpressibleByArgument, CaseIterable {
  case tsv
  case jsonLines = "json-lines"

  /// What the name of a file says, or else its first character.
  static func of(_ file: MappedFile) -> ExampleFormat {
    switch (file.path as NSString).pathExtension.lowercased() {
    case "jsonl", "ndjson", "json": .jsonLines
    case "tsv", "tab": .tsv
    default: file.withBytes { $0.first == UInt8(ascii: "{") } ? .jsonLines : .tsv
    }
  }
}

/// A file of labelled texts or pairs of texts, or of tagged sentences.
struct ExampleFile {
  private let file: MappedFile
  private let format: ExampleFormat
  private let tsv: TSVFormat
  private let invalidBytes: InvalidBytes

  /// - Parameter format: nil: what its name and its beginning say.
  /// - Throws: one line where it is missing or empty.
  init(
    _ path: String, format: ExampleFormat?, hasHeader: Bool, replacesInvalidBytes: Bool
  ) throws {
    file = try Self.open(path)
    self.format = format ?? ExampleFormat.of(file)
    tsv = TSVFormat(hasHeader: hasHeader)
    invalidBytes = replacesInvalidBytes ? .replaced : .refused
  }

  private static func open(_ path: String) throws -> MappedFile {
    let file = try MappedFile(path)
    guard file.count > 0 else { throw CommandError("corpus '\(path)' is empty, expected examples") }
    return file
  }

  /// - Parameter label: the column or key, `text` as well; nil: the usual ones.
  func labelledTexts(label: String?, text: String?) throws -> [LabelledText] {
    switch format {
    case .jsonLines:
      return try LabelledTextReader(
        jsonLines: file, text: text ?? "text", label: label ?? "label", invalidBytes: invalidBytes
      ).records()
    case .tsv:
      return try LabelledTextReader(
        tsv: file, label: label.map { Field(column: $0) } ?? 1,
        text: text.map { Field(column: $0) } ?? 2, format: tsv, invalidBytes: invalidBytes
      ).records()
    }
  }

  /// - Parameter source: the column or key, `target` as well; nil: the usual ones.
  func pairs(source: String?, target: String?) throws -> [TextPair] {
    switch format {
    case .jsonLines:
      return try TextPairReader(
        jsonLines: file, source: source ?? "source", target: target ?? "target",
        invalidBytes: invalidBytes
      ).records()
    case .tsv:
      return try TextPairReader(
        tsv: file, source: source.map { Field(column: $0) } ?? 1,
        target: target.map { Field(column: $0) } ?? 2, format: tsv, invalidBytes: invalidBytes
      ).records()
    }
  }

  /// Sentences in CoNLL columns.
  static func sentences(
    _ path: String, _ format: ConllFormat, replacesInvalidBytes: Bool
  ) throws -> [TaggedSentence] {
    try ConllReader(
      try open(path), format: format, invalidBytes: replacesInvalidBytes ? .replaced : .refused
    ).records()
  }
}
