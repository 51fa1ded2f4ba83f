/// Where a ``Seq2Seq`` model looked while it wrote an answer, for people to see: as text, or as an
/// image.
///
/// ```swift
/// let answer = try model.translate("reel", givesAttention: true)[0]
/// print(model.attentionPicture(of: answer, to: "reel"))
/// ```
public struct AttentionPicture: Sendable, Equatable, CustomStringConvertible {
  /// Tokens of the source: the columns.
  public let source: [String]
  /// Tokens of the answer, and its end: the rows.
  public let target: [String]
  /// [target][source], each row summing to 1.
  public let weights: [[Float]]

  public init(source: [String], target: [String], weights: [[Float]]) {
    precondition(
      weights.count == target.count && weights.allSatisfy { $0.count == source.count },
      "AttentionPicture: \(weights.count) rows of \(weights.map(\.count)) weights for "
        + "\(target.count) tokens over \(source.count)")
    self.source = source
    self.target = target
    self.weights = weights
  }

  /// A line for each token of the answer, in it a cell for each token of the source, darker where
  /// the weight is larger.
  public var description: String {
    let shades = [" ", "░", "▒", "▓", "█"]
    let width = max(1, source.map(Self.width).max() ?? 1)
    let label = target.map(Self.width).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - Self.width(text)))
    }
    var lines = [padded("", label) + " " + source.map { padded($0, width) }.joined(separator: " ")]
    for (token, row) in zip(target, weights) {
      let cells = row.map { weight in
        let shade = min(shades.count - 1, Int((weight * Float(shades.count)).rounded(.down)))
        return String(repeating: shades[max(shade, 0)], count: width)
      }
      lines.append(padded(token, label) + " " + cells.joined(separator: " "))
    }
    return lines.map { line in
      var line = Substring(line)
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  }

  /// Columns of a terminal, one for each scalar.
  private static func width(_ text: String) -> Int { text.unicodeScalars.count }

  /// The same as an SVG image.
  public var svg: String {
    let (cell, left, top) = (24, 96, 96)
    let width = left + cell * source.count + 8
    let height = top + cell * target.count + 8
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
    ]
    for (column, token) in source.enumerated() {
      let x = left + column * cell + cell / 2 + 4
      lines.append(
        "<text x=\"\(x)\" y=\"\(top - 6)\" transform=\"rotate(-60 \(x) \(top - 6))\">"
          + "\(Self.escaped(token))</text>")
    }
    for (row, token) in target.enumerated() {
      let y = top + row * cell
      lines.append(
        "<text x=\"\(left - 8)\" y=\"\(y + 17)\" text-anchor=\"end\">\(Self.escaped(token))</text>")
      for (column, weight) in weights[row].enumerated() {
        let percent = Int((min(max(weight, 0), 1) * 100).rounded())
        lines.append(
          "<rect x=\"\(left + column * cell)\" y=\"\(y)\" width=\"\(cell - 1)\" "
            + "height=\"\(cell - 1)\" fill=\"#1f4e8c\" fill-opacity=\"\(Double(percent) / 100)\">"
            + "<title>\(percent) %</title></rect>")
      }
    }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        // Control characters are not allowed in XML.
        result.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}

extension Seq2Seq {
  /// What an answer to a text looked at; nil where the answer came without its attention.
  public func attentionPicture(of answer: Translation, to text: String) -> AttentionPicture? {
    guard let weights = answer.attention else { return nil }
    return AttentionPicture(
      source: source.encode(text).map { source.decode([$0]) },
      target: answer.tokens.map { target.decode([$0]) } + ["end"], weights: weights)
  }
}
