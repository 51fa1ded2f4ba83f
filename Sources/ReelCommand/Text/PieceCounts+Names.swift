import Reel

/// Counts of labels and of tokens that are strings.
extension PieceCounts {
  mutating func add(_ name: String) {
    var name = name
    name.withUTF8 { add($0) }
  }

  /// Occurrences of pieces that other counts lack.
  func occurrences(outside other: PieceCounts) -> Int {
    sorted.reduce(0) { $0 + (other.occurrences(of: $1.bytes) == 0 ? $1.count : 0) }
  }

  /// The most frequent first; equally frequent ones in the order of their scalars.
  var names: [(name: String, count: Int)] {
    sorted.map { (name: String(decoding: $0.bytes, as: UTF8.self), count: $0.count) }
  }
}
