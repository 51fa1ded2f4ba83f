/// A set of Unicode scalars, as ranges of values in ascending order that neither overlap nor touch.
struct ScalarSet: Sendable, Equatable {
  private(set) var ranges: [ClosedRange<UInt32>]

  static let maximum: UInt32 = 0x10FFFF
  static let all = ScalarSet([0...maximum])
  static let empty = ScalarSet([])

  /// The scalars of ranges in any order.
  init(_ ranges: [ClosedRange<UInt32>]) {
    var merged: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.ranges = merged
  }

  init(_ scalar: UInt32) { ranges = [scalar...scalar] }

  var isEmpty: Bool { ranges.isEmpty }

  /// The only scalar of a set that has one.
  var single: UInt32? {
    guard ranges.count == 1, ranges[0].count == 1 else { return nil }
    return ranges[0].lowerBound
  }

  func contains(_ scalar: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }

  func union(_ other: ScalarSet) -> ScalarSet {
    if isEmpty { return other }
    return other.isEmpty ? self : ScalarSet(ranges + other.ranges)
  }

  /// The scalars that are not in the set.
  var inverted: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= Self.maximum { gaps.append(next...Self.maximum) }
    return ScalarSet(gaps)
  }

  func intersection(_ other: ScalarSet) -> ScalarSet {
    var common: [ClosedRange<UInt32>] = []
    var left = 0
    var right = 0
    while left < ranges.count, right < other.ranges.count {
      let low = max(ranges[left].lowerBound, other.ranges[right].lowerBound)
      let high = min(ranges[left].upperBound, other.ranges[right].upperBound)
      if low <= high { common.append(low...high) }
      if ranges[left].upperBound < other.ranges[right].upperBound {
        left += 1
      } else {
        right += 1
      }
    }
    return ScalarSet(common)
  }

  func isDisjoint(with other: ScalarSet) -> Bool { intersection(other).isEmpty }

  /// The scalars that `isIn` is true of. Planes 4 to 13 are not assigned and planes 15 and 16 are
  /// for private use: each is asked about once.
  init(where isIn: (UInt32) -> Bool) {
    var ranges: [ClosedRange<UInt32>] = []
    var start: UInt32?
    func close(at end: UInt32) {
      if let first = start { ranges.append(first...end - 1) }
      start = nil
    }
    func add(_ scalar: UInt32, _ isMember: Bool) {
      if isMember, start == nil { start = scalar }
      if !isMember { close(at: scalar) }
    }
    for scalar in UInt32(0)..<0x40000 { add(scalar, isIn(scalar)) }
    add(0x40000, isIn(0x40000))
    for scalar in UInt32(0xE0000)..<0xF0000 { add(scalar, isIn(scalar)) }
    // The last two values of each private plane are noncharacters.
    for plane in [UInt32(0xF0000), 0x100000] {
      add(plane, isIn(plane))
      add(plane + 0xFFFE, isIn(plane + 0xFFFE))
    }
    close(at: Self.maximum + 1)
    self.ranges = ranges
  }
}
