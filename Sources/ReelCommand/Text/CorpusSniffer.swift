import Foundation
import Reel

/// Finds out from the name and the first lines of a file what it is.
struct CorpusSniffer {
  /// The first lines that are not empty, and whether empty ones came between.
  private let lines: [String]
  private let hasEmptyLines: Bool
  private let path: String

  /// Lines that are looked at.
  private static let most = 1000

  init(_ file: MappedFile, _ invalidBytes: InvalidBytes) throws {
    path = file.path
    var reader = Lines(file, invalidBytes: invalidBytes)
    var lines: [String] = []
    var hasEmptyLines = false
    while lines.count < Self.most, let line = try reader.next() {
      if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
        hasEmptyLines = true
      } else {
        lines.append(line.text)
      }
    }
    self.lines = lines
    self.hasEmptyLines = hasEmptyLines
  }

  var format: CorpusFormat {
    switch (path as NSString).pathExtension.lowercased() {
    case "tsv", "tab": .tsv
    case "jsonl", "ndjson", "json": .jsonLines
    case "conll", "bio", "iob", "iob2": .conll
    default: looksLike
    }
  }

  private var looksLike: CorpusFormat {
    guard !lines.isEmpty else { return .text }
    if lines.allSatisfy({ $0.utf8.first == UInt8(ascii: "{") && $0.utf8.last == UInt8(ascii: "}") })
    {
      return .jsonLines
    }
    if hasEmptyLines && lines.allSatisfy(Self.endsWithTag) { return .conll }
    let columns = rows.map(\.count)
    return columns[0] > 1 && columns.allSatisfy { $0 == columns[0] } ? .tsv : .text
  }

  /// "word … B-PER": at least two columns, of which the last is a tag.
  private static func endsWithTag(_ line: String) -> Bool {
    let columns = line.utf8.split { $0 == 0x20 || $0 == 0x09 }
    guard columns.count > 1, let last = columns.last else { return false }
    let tag = Array(last)
    if tag == [UInt8(ascii: "O")] { return true }
    return tag.count > 2 && tag[1] == UInt8(ascii: "-") && "BIESLUM".utf8.contains(tag[0])
  }

  private var rows: [[Substring.UTF8View]] {
    lines.map {
      $0[...].utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    }
  }

  /// Which columns of tab-separated values hold what, from 1. A label is what has few values: each
  /// comes twice or more, on average. The text is the longest of the other columns.
  func columns(hasHeader: Bool) -> (text: Int, label: Int?, target: Int?) {
    let rows = rows.dropFirst(hasHeader ? 1 : 0)
    let count = rows.map(\.count).min() ?? 0
    guard count > 1 else { return (1, nil, nil) }
    let label = (0..<count).first { column in
      let values = Set(rows.map { Array($0[column]) })
      return values.count <= min(100, rows.count / 2)
    }
    guard let label else { return (1, nil, 2) }
    let lengths = (0..<count).map { column in
      column == label ? -1 : rows.reduce(0) { $0 + $1[column].count }
    }
    let text = lengths.indices.max { lengths[$0] < lengths[$1] } ?? 0
    return (text + 1, label + 1, nil)
  }

  /// Whether the first object has a key.
  func firstObjectHas(_ key: String) -> Bool {
    guard let line = lines.first,
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    else { return false }
    return object[key] != nil
  }
}
