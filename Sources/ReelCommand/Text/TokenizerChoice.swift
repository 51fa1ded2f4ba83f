import Foundation
import Reel

/// What `--tokenizer` names: a tokenizer with a vocabulary, or a rule that cuts text without one.
enum TokenizerChoice {
  /// From a file, or over bytes, which need none.
  case tokenizer(any Tokenizer)
  case rule(TextRule)

  /// The names that need no file, as a message lists them.
  static let names = (["bytes"] + TextRule.allCases.map(\.rawValue)).joined(separator: ", ")

  /// - Parameter name: one of `names`, or the path of a tokenizer.json.
  init(_ name: String) throws {
    if name == "bytes" {
      self = .tokenizer(ByteTokenizer())
    } else if let rule = TextRule(rawValue: name) {
      self = .rule(rule)
    } else {
      guard FileManager.default.fileExists(atPath: name) else {
        throw CommandError(
          "tokenizer '\(name)' is no file and none of the names \(Self.names), "
            + "one of them or a tokenizer.json is expected")
      }
      self = .tokenizer(try TokenizerFile.read(name))
    }
  }

  /// - Throws: a wrong argument where ids are asked for and there is no vocabulary to give them.
  func checkItHasIDs(for what: String) throws {
    guard case .rule(let rule) = self else { return }
    throw CommandError.wrongArgument(
      "\(what) needs a vocabulary, and the rule '\(rule.rawValue)' has none: train one with "
        + "'reel train tokenizer --kind \(rule.rawValue) …' and name its file, or take "
        + "--output pieces or offsets")
  }

  /// - Throws: a wrong argument where two texts cannot be told apart.
  func checkItKnowsPairs() throws {
    if case .tokenizer(let tokenizer) = self, tokenizer is TokenizerPipeline { return }
    throw CommandError.wrongArgument(
      "--pair needs a tokenizer.json with a post-processor, other tokenizers know no pairs")
  }

  /// A line of text in pieces.
  ///
  /// - Parameters:
  ///   - pair: a second text that belongs to the first.
  ///   - addsSpecialTokens: whether the tokenizer's post-processor adds its tokens.
  func pieces(of text: String, pair: String?, addsSpecialTokens: Bool) -> TextPieces {
    switch self {
    case .rule(let rule): return rule.pieces(of: text)
    case .tokenizer(let tokenizer as TokenizerPipeline):
      return TextPieces(
        tokenizer.encoding(of: text, pair: pair, addsSpecialTokens: addsSpecialTokens))
    case .tokenizer(let tokenizer): return TextPieces(tokenizer.encoding(of: text))
    }
  }

  /// The ids of a line where they are all that is asked for and nothing stands around them; nil
  /// where `pieces` has to be asked.
  func plainIDs(of text: String, addsSpecialTokens: Bool) -> [Int32]? {
    switch self {
    case .rule: return nil
    case .tokenizer(let tokenizer as TokenizerPipeline):
      let isPlain =
        (tokenizer.postProcessor == nil || !addsSpecialTokens) && tokenizer.truncation == nil
        && tokenizer.padding == nil
      return isPlain ? tokenizer.encode(text) : nil
    case .tokenizer(let tokenizer): return tokenizer.encode(text)
    }
  }

  /// The tokens of a text, special ones left out, as the vocabulary writes them.
  func tokens(of text: String) -> [String] {
    pieces(of: text, pair: nil, addsSpecialTokens: false).pieces
  }
}

/// The rules that cut text without a vocabulary.
enum TextRule: String, CaseIterable {
  case characters, graphemes, whitespace, words

  func pieces(of text: String) -> TextPieces {
    switch self {
    case .characters:
      var result = TextPieces(pieces: [], offsets: [])
      var start = 0
      for scalar in text.unicodeScalars {
        let end = start + UTF8.width(scalar)
        result.pieces.append(String(scalar))
        result.offsets.append(start..<end)
        start = end
      }
      return result
    case .graphemes: return TextPieces(PreTokenizer.graphemes.pieces(of: text))
    case .whitespace: return TextPieces(PreTokenizer.whitespaceSplit.pieces(of: text))
    case .words: return TextPieces(PreTokenizer.words.pieces(of: text))
    }
  }
}

/// One line of text, cut.
struct TextPieces {
  /// nil where there is no vocabulary.
  var ids: [Int32]?
  var pieces: [String]
  /// The bytes of the line that each piece stands for.
  var offsets: [Range<Int>]
  /// Which of two texts each piece belongs to.
  var typeIDs: [Int32] = []
  /// 1 for pieces that stand for no text.
  var specialTokensMask: [Int32] = []
}

extension TextPieces {
  init(_ encoding: Encoding) {
    ids = encoding.ids
    pieces = encoding.tokens
    offsets = encoding.offsets
    typeIDs = encoding.typeIDs
    specialTokensMask = encoding.specialTokensMask.map { $0 ? 1 : 0 }
  }

  init(_ pieces: [PreTokenizer.Piece]) {
    self.pieces = pieces.map(\.text)
    offsets = pieces.map(\.range)
  }
}
