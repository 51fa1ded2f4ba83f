import ReelLayers
import ReelTensor

/// Where the convolutions of one block read, for one batch: made once, for both convolutions and
/// their way back.
struct TemporalWindow: Sendable {
  let layout: SequenceLayout
  /// For each tap the time that it reads, counted from the result's.
  let reads: [Int]
  let dilation: Int
  /// (k − 1)·d.
  let historyLength: Int
  let hasHistory: Bool

  init(_ layout: SequenceLayout, kernel: Int, dilation: Int, isCausal: Bool, hasHistory: Bool) {
    self.layout = layout
    self.hasHistory = hasHistory
    self.dilation = dilation
    let length = (kernel - 1) * dilation
    historyLength = length
    let before = isCausal ? length : length / 2
    reads = (0..<kernel).map { $0 * dilation - before }
  }

  /// Values of the widest planes of a piece: with what it reads they stay in the second-level cache.
  private static let pieceValues = 1 << 16
  /// Pieces that a batch has at least, where it is large enough.
  private static let fewestPieces = 8
  private static let (narrowest, widest) = (96, 960)

  /// Columns of a piece.
  private func width(channels: Int) -> Int {
    let most = min(Self.widest, max(Self.narrowest, Self.pieceValues / max(channels, 1)))
    return max(Self.narrowest, min(most, layout.total / Self.fewestPieces)) / 48 * 48
  }

  /// The result in pieces.
  func pieces(channels: Int) -> [PlanePiece] {
    PlanePiece.pieces(
      of: layout, reads: reads, history: hasHistory ? historyLength : 0,
      widest: width(channels: channels))
  }

  /// The gradient in the input, in pieces: each tap reads the result that it is part of.
  func inputPieces(channels: Int) -> [PlanePiece] {
    PlanePiece.pieces(
      of: layout, reads: reads.map { -$0 }, history: 0, widest: width(channels: channels))
  }

  /// The gradient in the history, in pieces.
  func historyPieces(channels: Int) -> [PlanePiece] {
    PlanePiece.pieces(
      of: layout, .history(historyLength), reads: reads.map { -$0 }, history: 0,
      widest: width(channels: channels))
  }
}
