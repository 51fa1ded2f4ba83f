/// Which script each scalar belongs to (Unicode Standard Annex 24).
enum UnicodeScripts {
  /// The names, in alphabetical order, and the scalars of each.
  static let scripts: [(name: String, scalars: ScalarSet)] = table.split(separator: "\n").map {
    let words = $0.split(separator: " ")
    let ranges = words.dropFirst().compactMap { word -> ClosedRange<UInt32>? in
      let bounds = word.split(separator: "-").compactMap { UInt32($0, radix: 16) }
      guard let first = bounds.first, let last = bounds.last else { return nil }
      return first...last
    }
    return (String(words[0]), ScalarSet(ranges))
  }

  /// The number of a script by its name in lower case without underscores, or nil.
  static func script(named key: String) -> Int? {
    scripts.firstIndex { $0.name.lowercased().filter { $0 != "_" } == key }
  }

  /// The scalars of a script.
  static func scalars(of script: Int) -> ScalarSet { scripts[script].scalars }

  /// The number of each scalar's script, counted from 1; 0 where it has none.
  static let numbers: TwoStageTable<UInt8> = {
    var ranges: [(range: ClosedRange<UInt32>, number: UInt8)] = []
    for (number, script) in scripts.enumerated() {
      ranges += script.scalars.ranges.map { ($0, UInt8(number + 1)) }
    }
    ranges.sort { $0.range.lowerBound < $1.range.lowerBound }
    return TwoStageTable { scalar in
      var low = 0
      var high = ranges.count
      while low < high {
        let middle = (low + high) / 2
        if ranges[middle].range.upperBound < scalar { low = middle + 1 } else { high = middle }
      }
      guard low < ranges.count, ranges[low].range.contains(scalar) else { return 0 }
      return ranges[low].number
    }
  }()
}
