/// Where the time steps of a ragged batch lie in memory.
///
/// The rows of the batch are sorted by falling length, and all rows of time 0 are followed by all
/// rows of time 1 and so on: at each time the rows that are still running are the first ones, and
/// nothing is stored for padding. Users never see this order; `Sequences` translates.
public struct SequenceLayout: Sendable, Hashable {
  /// The length of each row of the batch, in the user's order; 0 is legal.
  public let lengths: [Int]
  /// The row of the batch at each sorted place.
  package let order: [Int]
  /// Rows running at each time: `active[t]` is the number of lengths above t.
  package let active: [Int]
  /// The first stored row of each time, and at the end their total number.
  package let offsets: [Int]
  /// Whether sorted places and rows of the batch are the same.
  package let isInOrder: Bool

  public init(lengths: [Int]) {
    precondition(lengths.allSatisfy { $0 >= 0 }, "SequenceLayout: negative length in \(lengths)")
    self.lengths = lengths
    let longest = lengths.max() ?? 0
    if lengths.allSatisfy({ $0 == longest }) {
      order = Array(lengths.indices)
      active = [Int](repeating: lengths.count, count: longest)
      isInOrder = true
    } else {
      // Stable: equal lengths keep the user's order.
      order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
      var ending = [Int](repeating: 0, count: longest + 1)
      for length in lengths { ending[length] += 1 }
      var running = lengths.count
      active = (0..<longest).map { time in
        running -= ending[time]
        return running
      }
      isInOrder = order.elementsEqual(lengths.indices)
    }
    var total = 0
    offsets =
      active.map { count in
        defer { total += count }
        return total
      } + [lengths.reduce(0, +)]
  }

  /// `batch` rows of one length.
  public init(batch: Int, length: Int) {
    self.init(lengths: [Int](repeating: length, count: batch))
  }

  /// The number of sequences.
  public var batch: Int { lengths.count }
  /// The length of the longest sequence.
  public var longest: Int { active.count }
  /// The number of time steps of all sequences together.
  public var total: Int { offsets[longest] }

  /// For each stored row its place in a padded [batch, longest] arrangement.
  package var paddedPlaces: [Int32] {
    var places: [Int32] = []
    places.reserveCapacity(total)
    for time in 0..<longest {
      for place in 0..<active[time] { places.append(Int32(order[place] * longest + time)) }
    }
    return places
  }

  /// For each place of a padded [batch, longest] arrangement its stored row, or −1.
  package var storedRows: [Int32] {
    var rows = [Int32](repeating: -1, count: batch * longest)
    for time in 0..<longest {
      for place in 0..<active[time] {
        rows[order[place] * longest + time] = Int32(offsets[time] + place)
      }
    }
    return rows
  }

  /// The stored rows of one sequence, in time order.
  package func storedRows(of row: Int) -> [Int32] {
    guard let place = order.firstIndex(of: row) else { return [] }
    return (0..<lengths[row]).map { Int32(offsets[$0] + place) }
  }

  /// The stored row of each sequence's own last time step, −1 for an empty one.
  package var lastRows: [Int32] {
    var rows = [Int32](repeating: -1, count: batch)
    for (place, row) in order.enumerated() where lengths[row] > 0 {
      rows[row] = Int32(offsets[lengths[row] - 1] + place)
    }
    return rows
  }

  /// The sorted place of each row of the batch: the inverse of `order`.
  package var places: [Int32] {
    var places = [Int32](repeating: 0, count: batch)
    for (place, row) in order.enumerated() { places[row] = Int32(place) }
    return places
  }
}
