/// Columns of text, aligned.
struct TextTable {
  enum Side { case left, right }

  private let sides: [Side]
  /// nil is a rule.
  private var rows: [[String]?]

  init(_ columns: [(title: String, side: Side)]) {
    sides = columns.map(\.side)
    rows = [columns.map(\.title), nil]
  }

  mutating func add(_ cells: [String]) { rows.append(cells) }
  mutating func addRule() { rows.append(nil) }

  var text: String {
    let widths = sides.indices.map { column in
      rows.map { $0?[column].count ?? 0 }.max() ?? 0
    }
    let lines = rows.map { row in
      guard let row else {
        return widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
      }
      var line = sides.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return sides[column] == .left ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
