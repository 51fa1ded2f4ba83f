public struct Encoding: Sendable, Equatable {
  public var ids: [Int32] = []
  public var tokens: [String] = []
  public var offsets: [Range<Int>] = []
  public var typeIDs: [Int32] = []
  public var specialTokensMask: [Bool] = []
}
extension Tokenizer {
  public func encoding(of text: String) -> Encoding { Encoding() }
}
extension ByteTokenizer {
  public func encoding(of text: String) -> Encoding { var e = Encoding()
   for (i, b) in text.utf8.enumerated() { e.ids.append(Int32(b)); e.tokens.append("\(b)"); e.offsets.append(i..<i+1); e.typeIDs.append(0); e.specialTokensMask.append(false) }
   return e }
}
public struct TokenizerPipeline: Tokenizer {
  public var kind: TokenizerKind { .words }
  public var vocabularySize: Int { 0 }
  public var unknownID: Int32? { nil }
  public func encode(_ text: String) -> [Int32] { [] }
  public func encode(_ bytes: [UInt8]) throws(UTF8Error) -> [Int32] { [] }
  public func appendBytes(of id: Int32, to bytes: inout [UInt8]) {}
  public var fileContent: [UInt8] { [] }
  public func encoding(of text: String, pair: String?, addsSpecialTokens: Bool = true) -> Encoding { Encoding() }
}
public indirect enum Normalizer: Sendable, Equatable { case form(NormalizationForm), lowercase, stripAccents, sequence([Normalizer]) }
public enum PreTokenizer { case words, whitespaceSplit, graphemes
  package func split(_ text: inout AlignedText, isFirst: Bool) -> [Range<Int>] {
    text.bytes.withUnsafeBufferPointer { b in
      var r: [Range<Int>] = []; var start = -1
      for i in b.indices { let white = b[i] == 32 || b[i] == 46
        if white { if start >= 0 { r.append(start..<i) }; start = -1; if b[i] == 46 { r.append(i..<i+1) } } else if start < 0 { start = i } }
      if start >= 0 { r.append(start..<b.count) }
      return r } } }
