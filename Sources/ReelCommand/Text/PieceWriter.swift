import ArgumentParser

/// What `reel tokenize` prints of each line.
enum PieceOutput: String, ExpressibleByArgument, CaseIterable {
  case ids, pieces, offsets
}

/// Writes the lines of `reel tokenize`.
struct PieceWriter {
  private let output: PieceOutput
  private let json: Bool
  private let showsSpecialTokens: Bool
  private let colour: Bool
  private var lines = LineOutput()

  init(_ output: PieceOutput, json: Bool, showsSpecialTokens: Bool) {
    self.output = output
    self.json = json
    self.showsSpecialTokens = showsSpecialTokens
    colour = StandardStreams.outputTakesColour
  }

  mutating func write(_ pieces: TextPieces, line number: Int) throws {
    guard !json else { return try lines.write(line: object(pieces, line: number).closed) }
    switch output {
    case .ids: try write(pieces.ids ?? [])
    case .offsets:
      try lines.write(
        line: pieces.offsets.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " "))
    case .pieces:
      let texts = pieces.pieces.map { Self.escaped($0) }
      try lines.write(line: colour ? Self.coloured(texts) : texts.joined(separator: "\t"))
    }
  }

  /// A line of ids.
  mutating func write(_ ids: [Int32]) throws {
    var line: [UInt8] = []
    line.reserveCapacity(6 * ids.count)
    for (index, id) in ids.enumerated() {
      if index > 0 { line.append(UInt8(ascii: " ")) }
      line.append(decimal: Int(id))
    }
    try lines.write(line: line)
  }

  mutating func flush() throws { try lines.flush() }

  private func object(_ pieces: TextPieces, line number: Int) -> JSONLine {
    var line = JSONLine()
    line.add("line", number)
    if let ids = pieces.ids { line.add("ids", ids) }
    line.add("pieces", pieces.pieces)
    line.add("offsets", pieces.offsets)
    if showsSpecialTokens && pieces.ids != nil {
      line.add("type_ids", pieces.typeIDs)
      line.add("special_tokens_mask", pieces.specialTokensMask)
    }
    return line
  }

  /// A piece may hold what separates pieces and lines.
  static func escaped(_ piece: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in piece.unicodeScalars {
      switch scalar {
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
        // A terminal would obey it.
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Pieces side by side on two backgrounds in turn.
  private static func coloured(_ pieces: [String]) -> String {
    let backgrounds = ["\u{1B}[97;48;5;24m", "\u{1B}[97;48;5;96m"]
    let coloured = pieces.enumerated().map { backgrounds[$0.offset % 2] + $0.element }
    return coloured.joined() + (pieces.isEmpty ? "" : "\u{1B}[0m")
  }
}
