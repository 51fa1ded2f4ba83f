/// A stretch of bytes on its way through a decoder: a token, or a part of one that comes in parts.
struct DecodedPart {
  var bytes: [UInt8]
  /// Whether the token ends here.
  var isEnd = true
}

/// One link of a decoder's chain, fed token by token. What it gives out, put together, is the same
/// as if it had seen all tokens at once.
protocol DecoderLink: Sendable {
  /// Takes the next part and appends what can be given on by now.
  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart])
  /// No more parts come: appends what was held back.
  mutating func finish(into parts: inout [DecodedPart])
}

extension DecoderLink {
  mutating func finish(into parts: inout [DecodedPart]) {}
}

/// Feeds a link that works on whole tokens.
struct WholeTokens: Sendable {
  private var pending: [UInt8] = []

  /// The token that a part completes; nil where more of it is to come.
  mutating func token(with part: DecodedPart) -> [UInt8]? {
    guard part.isEnd else {
      pending += part.bytes
      return nil
    }
    guard !pending.isEmpty else { return part.bytes }
    defer { pending.removeAll() }
    return pending + part.bytes
  }
}

/// A link that turns each token into another one, or into none.
protocol TokenMapping: DecoderLink {
  var whole: WholeTokens { get set }
  /// The new token; nil for none.
  mutating func map(_ token: [UInt8]) -> [UInt8]?
}

extension TokenMapping {
  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    guard let token = whole.token(with: part), let result = map(token) else { return }
    parts.append(DecodedPart(bytes: result))
  }
}

/// A chain of links.
struct DecoderChain: Sendable {
  private var links: [any DecoderLink]

  init(_ links: [any DecoderLink]) {
    self.links = links
  }

  /// Takes the next token and appends the bytes that are certain by now.
  mutating func take(_ token: [UInt8], into bytes: inout [UInt8]) {
    var parts = [DecodedPart(bytes: token)]
    pass(&parts, from: 0)
    for part in parts { bytes += part.bytes }
  }

  /// Appends what was held back.
  mutating func finish(into bytes: inout [UInt8]) {
    for index in links.indices {
      var parts: [DecodedPart] = []
      links[index].finish(into: &parts)
      pass(&parts, from: index + 1)
      for part in parts { bytes += part.bytes }
    }
  }

  private mutating func pass(_ parts: inout [DecodedPart], from first: Int) {
    for index in links.indices.dropFirst(first) {
      var next: [DecodedPart] = []
      for part in parts { links[index].take(part, into: &next) }
      parts = next
    }
  }
}
