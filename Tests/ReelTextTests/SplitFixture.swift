import Foundation
import ReelText
import Testing

/// What the `tokenizers` package does with texts; written by `Fixtures/make_split_fixtures.py`.
struct SplitFixture: Decodable {
  struct Pattern: Decodable {
    let name: String
    let expression: String
    let offsets: [[Int]]
  }

  struct Construct: Decodable {
    let expression: String
    let texts: [String]
    let isolated: [[Int]]
    let removed: [[Int]]
  }

  struct Behavior: Decodable {
    let literal: String?
    let expression: String?
    let behavior: String
    let invert: Bool
    let texts: [String]
    let offsets: [[Int]]
  }

  struct Kind: Decodable {
    let name: String
    let offsets: [[Int]]
    let pieces: [[String]]?
  }

  struct Property: Decodable {
    let expression: String
    let runs: [Int]
  }

  let texts: [String]
  let patterns: [Pattern]
  let words: Pattern
  let constructs: [Construct]
  let behaviors: [Behavior]
  let kinds: [Kind]
  let scalars: [UInt32]
  let properties: [Property]

  static func load() throws -> SplitFixture {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/split", withExtension: "json"))
    return try JSONDecoder().decode(SplitFixture.self, from: Data(contentsOf: url))
  }
}

/// The offsets of the pieces in the original text, and the pieces.
func pieces(of text: String, by preTokenizer: PreTokenizer) -> (offsets: [Int], pieces: [String]) {
  var aligned = AlignedText(text)
  let ranges = preTokenizer.split(&aligned)
  let offsets = ranges.flatMap { range -> [Int] in
    let original = aligned.originalRange(of: range)
    return [original.lowerBound, original.upperBound]
  }
  return (offsets, ranges.map { String(decoding: aligned.bytes[$0], as: UTF8.self) })
}

/// The matches of a pattern, by its scanner where it has one.
func matches(of pattern: Pattern, in text: String) -> [Range<Int>] {
  var result: [Range<Int>] = []
  Array(text.utf8).withUnsafeBufferPointer { bytes in
    pattern.forEachMatch(in: bytes) { result.append($0) }
  }
  return result
}

/// The matches of a pattern by its program.
func programMatches(of pattern: Pattern, in text: String) throws -> [Range<Int>] {
  var result: [Range<Int>] = []
  try Array(text.utf8).withUnsafeBufferPointer { bytes in
    try pattern.forEachMatchOfProgram(in: bytes) { result.append($0) }
  }
  return result
}
