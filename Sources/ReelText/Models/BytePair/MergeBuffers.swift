/// The symbols of a piece while its pairs are merged.
struct MergeBuffers: Sendable {
  /// A symbol: a token, and the bytes of the piece it stands for.
  struct Symbol: Sendable {
    var id: Int32
    var start: Int32
    var end: Int32
    /// The rank of the pair of this symbol and the next one; the largest number if there is none.
    var rank: UInt32 = .max
  }

  /// A pair that may be merged: the smaller the rank, then the position, the earlier.
  typealias Candidate = UInt64

  var symbols: [Symbol] = []
  var previous: [Int32] = []
  var next: [Int32] = []
  var queue: [Candidate] = []
}
