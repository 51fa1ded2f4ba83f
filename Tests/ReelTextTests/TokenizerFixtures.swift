import Foundation
import ReelText

/// What `Fixtures/make_tokenizer_fixtures.py` wrote.
enum TokenizerFixtures {
  /// The tokenizers that the tokenizers package trained.
  static let trained = ["byte-bpe", "bpe", "wordpiece", "unigram"]
  /// Small tokenizers in the shape of well-known ones.
  static let shapes = [
    "gpt-2", "roberta", "llama-3", "llama-2", "clip", "bert-cased", "xlm-roberta", "t5-first",
    "words",
  ]

  static func content(_ name: String) throws -> [UInt8] {
    let url = Bundle.module.url(
      forResource: name, withExtension: "json", subdirectory: "Fixtures/tokenizers")
    return Array(try Data(contentsOf: url ?? URL(fileURLWithPath: name)))
  }

  static func decoded<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(content(name)))
  }

  static func pipeline(_ name: String) throws -> TokenizerPipeline {
    try TokenizerFile.parsePipeline(content(name))
  }

  /// What the package says of a line.
  struct Expected: Decodable {
    /// Ids, with special tokens.
    var i: [Int32]
    /// Offsets in bytes: of each token the gap after the one before, and its length. Of two texts:
    /// its start and its length.
    var o: [Int]
    /// The decoded text of the ids without special tokens, where it is not the line.
    var d: String?
    /// Tokens, types, special tokens, attention, pieces, ids of parts that overflowed; what is not
    /// there is all 0, attention all 1.
    var t: [String]?
    var y: [Int32]?
    var s: [Int]?
    var a: [Int]?
    var w: [Int]?
    var f: [[Int32]]?

    var offsets: [Range<Int>] {
      var last = 0
      return stride(from: 0, to: o.count, by: 2).map { index in
        let start = last + o[index]
        last = start + o[index + 1]
        return start..<last
      }
    }

    var offsetsOfPairs: [Range<Int>] {
      stride(from: 0, to: o.count, by: 2).map { o[$0]..<o[$0] + o[$0 + 1] }
    }
  }

  struct Shape: Decodable {
    var lines: [Expected]
    var pairs: [Expected]
  }
}
