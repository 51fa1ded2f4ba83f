/// Turns text into token ids and back.
///
/// Ids are `0 ..< vocabularySize`. Text is looked at as bytes or Unicode scalars, never as Swift's
/// `Character`: "\r\n" is one `Character`, and "é" equals "e" with an accent.
public protocol Tokenizer: Sendable {
  /// Which tokenizer this is.
  var kind: TokenizerKind { get }

  /// How many ids there are.
  var vocabularySize: Int { get }

  /// The id of whatever the vocabulary lacks; nil where every text can be written in tokens.
  var unknownID: Int32? { get }

  /// Whether decoding gives every text back, byte for byte. Where it is false, something may be
  /// lost: what the vocabulary lacks, what the normalizer changes, or white space.
  var isLossless: Bool { get }

  /// The ids of a text, without special tokens around it.
  func encode(_ text: String) -> [Int32]

  /// The ids of bytes. A tokenizer over text refuses bytes that are not UTF-8; a lossless one takes
  /// them all.
  func encode(_ bytes: [UInt8]) throws(UTF8Error) -> [Int32]

  /// The tokens of a text with the bytes each stands for.
  func encoding(of text: String) -> Encoding

  /// The ids of a prompt, with what the vocabulary lacks replaced by an equivalent where it has one.
  func encodePrompt(_ text: String) -> EncodedPrompt

  /// Appends what a token stands for by itself. In a text, its neighbours may change that: a
  /// tokenizer of words puts spaces between them. `decodeBytes` knows.
  ///
  /// - Precondition: `id` is in `0 ..< vocabularySize`.
  func appendBytes(of id: Int32, to bytes: inout [UInt8])

  /// The bytes that the tokens stand for together.
  ///
  /// - Precondition: every id is in `0 ..< vocabularySize`.
  func decodeBytes(_ ids: [Int32]) -> [UInt8]

  /// Decodes token by token what `decodeBytes` decodes at once.
  func byteDecoder() -> TokenByteDecoder

  /// The content of a `tokenizer.json` file.
  ///
  /// - Throws: a line that names a part which has no form in such a file.
  var fileContent: [UInt8] { get throws(TextError) }
}

/// The tokenizers there are, by the names that the tool and a configuration use.
public enum TokenizerKind: String, Sendable, Codable, CaseIterable {
  /// 256 ids, one for each byte.
  case bytes
  /// One id for each Unicode scalar of the training text.
  case characters
  /// One id for each grapheme cluster of the training text.
  case graphemes
  /// One id for each word between white space.
  case whitespace
  /// One id for each word, number, mark, URL or emoji.
  case words
  /// Byte-pair encoding of bytes, as in GPT-2.
  case byteBytePair = "byte-bpe"
  /// Byte-pair encoding of Unicode scalars.
  case bytePair = "bpe"
  /// The longest known pieces from the left, as in BERT.
  case wordPiece = "wordpiece"
  /// The most likely pieces, as in SentencePiece.
  case unigram
}

/// A prompt in tokens.
public struct EncodedPrompt: Sendable, Equatable {
  /// The ids.
  public var ids: [Int32]
  /// The scalars that became the unknown token: each once, in order of appearance.
  public var unknown: [Unicode.Scalar]

  public init(ids: [Int32], unknown: [Unicode.Scalar] = []) {
    self.ids = ids
    self.unknown = unknown
  }
}

extension Tokenizer {
  public func encodePrompt(_ text: String) -> EncodedPrompt {
    EncodedPrompt(ids: encode(text))
  }

  public func decodeBytes(_ ids: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ids.count)
    for id in ids { appendBytes(of: id, to: &bytes) }
    return bytes
  }

  public func byteDecoder() -> TokenByteDecoder {
    TokenByteDecoder(self)
  }

  /// The text that the tokens stand for; bytes that are not UTF-8 become U+FFFD.
  public func decode(_ ids: [Int32]) -> String {
    String(decoding: decodeBytes(ids), as: UTF8.self)
  }
}

extension Encoding {
  /// The encoding of tokens that follow one another in the text, each with its length in bytes.
  init(tokens: some Sequence<(id: Int32, text: String, length: Int)>) {
    self.init()
    var position = 0
    for (word, token) in tokens.enumerated() {
      let range = position..<position + token.length
      append(token.id, token.text, range, typeID: 0, word: word, sequence: 0)
      position = range.upperBound
    }
  }
}
