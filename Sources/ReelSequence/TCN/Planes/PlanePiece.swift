import ReelLayers

/// Columns of a convolution's result that are computed together, with where each tap reads for them.
struct PlanePiece: Sendable {
  /// Columns of one plane that a tap reads.
  struct Run: Sendable, Equatable {
    /// Whether the plane is that of the history.
    var isHistory: Bool
    /// The first column.
    var source: Int
    /// Its place, counted from the first column of the piece.
    var target: Int
    var count: Int
  }

  var columns: Range<Int>
  /// For each tap; what no run covers reads zeros.
  var taps: [[Run]]

  /// Whether each tap reads one stretch of columns or nothing: then nothing is put together.
  var isDirect: Bool {
    taps.allSatisfy { $0.isEmpty || ($0.count == 1 && $0[0].count == columns.count) }
  }

  /// The part of the piece in `range`.
  func clipped(to range: Range<Int>) -> PlanePiece {
    let offset = range.lowerBound - columns.lowerBound
    let taps = taps.map { runs in
      runs.compactMap { run -> Run? in
        let start = max(run.target, offset)
        let end = min(run.target + run.count, offset + range.count)
        guard start < end else { return nil }
        return Run(
          isHistory: run.isHistory, source: run.source + start - run.target,
          target: start - offset, count: end - start)
      }
    }
    return PlanePiece(columns: range, taps: taps)
  }

  /// Goes on with the columns of `next`, which follow; stretches that follow as well become one.
  mutating func append(_ next: PlanePiece) {
    let offset = columns.count
    columns = columns.lowerBound..<next.columns.upperBound
    for tap in taps.indices {
      for run in next.taps[tap] {
        var run = run
        run.target += offset
        if let last = taps[tap].last, last.isHistory == run.isHistory,
          last.source + last.count == run.source, last.target + last.count == run.target
        {
          taps[tap][taps[tap].count - 1].count += run.count
        } else {
          taps[tap].append(run)
        }
      }
    }
  }
}

extension [PlanePiece] {
  /// The parts of the pieces in `range`.
  func clipped(to range: Range<Int>) -> [PlanePiece] {
    compactMap { piece in
      let part = piece.columns.clamped(to: range)
      return part.isEmpty ? nil : piece.clipped(to: part)
    }
  }
}

extension PlanePiece {
  /// Times of a result, with what the taps read at them.
  enum Times: Sendable {
    /// All steps of the batch.
    case steps
    /// The steps of a history of this length before them: for its gradient.
    case history(Int)
  }

  /// Pieces of at least so many columns are read in place; smaller ones are put together.
  private static let smallestDirect = 48
  private static let wholePanels = 48

  /// Cuts a result into pieces of at most `widest` columns.
  ///
  /// - Parameters:
  ///   - reads: for each tap the time that it reads, counted from that of the result.
  ///   - history: steps that can be read before the first one.
  static func pieces(
    of layout: SequenceLayout, _ times: Times = .steps, reads: [Int], history: Int, widest: Int
  ) -> [PlanePiece] {
    var pieces: [PlanePiece] = []
    /// Columns that must be put together.
    var mixed: PlanePiece?
    func emit(_ piece: PlanePiece?) {
      guard let piece, !piece.columns.isEmpty else { return }
      let count = (piece.columns.count + widest - 1) / widest
      let size =
        ((piece.columns.count + count - 1) / count + wholePanels - 1) / wholePanels * wholePanels
      for start in stride(from: piece.columns.lowerBound, to: piece.columns.upperBound, by: size) {
        let range = start..<min(start + size, piece.columns.upperBound)
        pieces.append(range == piece.columns ? piece : piece.clipped(to: range))
      }
    }
    func add(_ piece: PlanePiece) {
      if piece.isDirect && piece.columns.count >= smallestDirect {
        emit(mixed)
        mixed = nil
        emit(piece)
      } else {
        if mixed?.append(piece) == nil { mixed = piece }
        guard let columns = mixed?.columns, columns.count >= widest else { return }
        emit(mixed)
        mixed = nil
      }
    }
    let range =
      switch times {
      case .steps: 0..<layout.longest
      case .history(let length): -length..<0
      }
    let breaks = layout.breaks(in: range, reads: reads, history: history)
    for (start, end) in zip(breaks, breaks.dropFirst()) {
      let first = layout.piece(at: start, from: range.lowerBound, reads: reads, history: history)
      if layout.keepsWidth(at: start, reads: reads) {
        // All times up to the next break are alike, and what they read follows each other as well.
        add(first.repeated(end - start))
      } else {
        add(first)
        for time in start + 1..<max(end, start + 1) {
          add(layout.piece(at: time, from: range.lowerBound, reads: reads, history: history))
        }
      }
    }
    emit(mixed)
    return pieces
  }

  /// The piece of `count` times of which this is the first.
  private func repeated(_ count: Int) -> PlanePiece {
    var piece = self
    piece.columns = columns.lowerBound..<columns.lowerBound + count * columns.count
    for tap in piece.taps.indices where !piece.taps[tap].isEmpty {
      piece.taps[tap][0].count = piece.columns.count
    }
    return piece
  }
}

extension SequenceLayout {
  /// Times of `range`, its bounds included, between which every tap reads in the same way: neither
  /// the number of sequences nor what a tap reads begins or ends there.
  fileprivate func breaks(in range: Range<Int>, reads: [Int], history: Int) -> [Int] {
    var changes = [-history, 0, longest]
    for time in 1..<max(longest, 1) where active[time] != active[time - 1] { changes.append(time) }
    var breaks = Set([range.lowerBound, range.upperBound])
    for offset in reads + [0] {
      for change in changes where range.contains(change - offset) { breaks.insert(change - offset) }
    }
    return breaks.sorted()
  }

  /// Whether every tap reads times that have as many columns as the one at which it reads them.
  fileprivate func keepsWidth(at time: Int, reads: [Int]) -> Bool {
    let width = time < 0 ? batch : active[time]
    return reads.allSatisfy { offset in
      let source = time + offset
      return source >= longest || width == (source < 0 ? batch : active[source])
    }
  }

  /// The columns of one time, with where each tap reads. Times before the first are a history's,
  /// with a column for every sequence.
  fileprivate func piece(
    at time: Int, from first: Int, reads: [Int], history: Int
  ) -> PlanePiece {
    let width = time < 0 ? batch : active[time]
    let start = time < 0 ? (time - first) * batch : offsets[time]
    let taps = reads.map { offset -> [PlanePiece.Run] in
      let source = time + offset
      let run: PlanePiece.Run
      if source >= 0 && source < longest {
        run = PlanePiece.Run(
          isHistory: false, source: offsets[source], target: 0, count: min(width, active[source]))
      } else if source < 0 && source >= -history {
        run = PlanePiece.Run(
          isHistory: true, source: (history + source) * batch, target: 0, count: width)
      } else {
        return []
      }
      return run.count == 0 ? [] : [run]
    }
    return PlanePiece(columns: start..<start + width, taps: taps)
  }
}
