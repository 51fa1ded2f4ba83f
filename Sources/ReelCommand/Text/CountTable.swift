/// How often each of many names came.
struct CountTable {
  /// A text that equals another only scalar for scalar: to a Swift string "é" is also "e" with a
  /// combining accent.
  private struct Name: Hashable {
    let text: String

    static func == (a: Name, b: Name) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  private var counts: [Name: Int] = [:]
  /// Names that came, each as often as it did.
  private(set) var total = 0

  /// How many different names came.
  var distinct: Int { counts.count }

  mutating func add(_ name: String) {
    counts[Name(text: name), default: 0] += 1
    total += 1
  }

  mutating func add(_ other: CountTable) {
    counts.merge(other.counts, uniquingKeysWith: +)
    total += other.total
  }

  func contains(_ name: String) -> Bool { counts[Name(text: name)] != nil }

  /// Occurrences of names that another table lacks.
  func count(outside other: CountTable) -> Int {
    counts.reduce(0) { $0 + (other.counts[$1.key] == nil ? $1.value : 0) }
  }

  /// The most frequent first; equally frequent ones by their scalars.
  var sorted: [(name: String, count: Int)] {
    // The order of UTF-8 is that of the scalars.
    counts.map { (name: $0.key.text, count: $0.value) }.sorted { a, b in
      a.count != b.count
        ? a.count > b.count : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }
}
