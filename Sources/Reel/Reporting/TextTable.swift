/// Columns of text, aligned, with a rule below their titles.
///
/// ```swift
/// var table = TextTable([("label", .left), ("F1", .right)])
/// table.add(["PER", "0.91"])
/// print(table.text, terminator: "")
/// ```
public struct TextTable: Sendable {
  /// The side of its column that a text stands on.
  public enum Side: Sendable { case left, right }

  private let sides: [Side]
  /// nil is a rule.
  private var rows: [[String]?]

  public init(_ columns: [(title: String, side: Side)]) {
    sides = columns.map(\.side)
    rows = [columns.map(\.title), nil]
  }

  /// Adds a row of one text for each column.
  public mutating func add(_ cells: [String]) {
    precondition(
      cells.count == sides.count, "TextTable: \(cells.count) cells for \(sides.count) columns")
    rows.append(cells)
  }

  public mutating func addRule() { rows.append(nil) }

  /// All rows, each ended by a line feed.
  public var text: String {
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
