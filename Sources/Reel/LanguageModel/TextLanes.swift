import ReelLayers

/// A text cut into lanes that are read side by side, window by window: what truncated BPTT trains
/// on. Lane b goes on in the next window where it stopped in this one.
struct TextLanes: Sendable {
  private let ids: [Int32]
  let batch: Int
  let window: Int
  private let laneLength: Int

  /// - Throws: `ConfigurationError` when the text is shorter than one window of every lane.
  init(_ ids: [Int32], batch: Int, window: Int) throws {
    self.ids = ids
    self.batch = batch
    self.window = window
    laneLength = ids.count / batch
    guard laneLength > window else {
      throw ConfigurationError(
        "the training text has \(ids.count) tokens, \(batch) lanes of a window of \(window) need "
          + "\(batch * (window + 1)); take a longer corpus, or a smaller batch or window")
    }
  }

  /// Tokens of the text.
  var tokenCount: Int { ids.count }

  /// Tokens by which an epoch may start later, so that windows end at other places each time.
  var offsets: Range<Int> { 0..<min(window, laneLength - window) }

  /// Windows of an epoch that starts `offset` tokens into every lane.
  func windowCount(offset: Int) -> Int { (laneLength - 1 - offset) / window }

  /// Window number `index`: the tokens that are read, and the one after each.
  func window(_ index: Int, offset: Int) -> (inputs: TokenSequences, targets: TokenSequences) {
    let start = offset + index * window
    let layout = SequenceLayout(batch: batch, length: window)
    func tokens(_ shift: Int) -> TokenSequences {
      var result: [Int32] = []
      result.reserveCapacity(batch * window)
      for time in 0..<window {
        for lane in 0..<batch { result.append(ids[lane * laneLength + start + time + shift]) }
      }
      return TokenSequences(ids: result, layout: layout)
    }
    return (tokens(0), tokens(1))
  }
}
