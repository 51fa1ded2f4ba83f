/// Runs a program over texts: a backtracking search whose choices lie on a stack of its own.
///
/// A run of scalars is one choice however long it is. What a run has tried in vain is remembered, and
/// after many steps back so is every choice, so that a search takes time in proportion to text and
/// program and not to the number of ways to split the text. (Choices inside atomic groups and
/// lookarounds are not remembered.)
final class PatternMachine {
  /// A choice to go back to.
  private struct Frame {
    enum Kind: UInt8 { case split, greedyRun, lazyRun, atomic, look, negatedLook, slot }
    var kind: Kind
    /// Where to go on; for a slot its number.
    var target: Int32
    /// Of a run: its number.
    var run: Int32
    /// The position to go back to; for a slot the old value.
    var position: Int
    /// Of a run: the first position it may end at, and the last one, or for a lazy run how many
    /// scalars it may still take. Of a body that forgets: the one around it.
    var low: Int
    var high: Int
  }

  /// What is known of a run in this text.
  private struct RunMemory {
    /// The last stretch of scalars of the set that was looked through to its end.
    var start = 0
    var end = -1
    /// Going on from no position of this stretch leads to a match.
    var failedLow = 0
    var failedHigh = -1
  }

  private let program: PatternProgram
  private var frames: UnsafeMutableBufferPointer<Frame>
  private var frameCount = 0
  private var barrier = -1
  private var runs: [RunMemory]
  private var slots: [Int]
  private var stepsBack = 0
  /// A bit for each numbered choice and position, where choices are remembered.
  private var seen: [UInt64] = []
  private var isRemembering = false
  private var clusterEnds: [Int] = []
  private static let stepsBeforeRemembering = 100_000

  init(_ program: PatternProgram) {
    self.program = program
    frames = .allocate(capacity: 64)
    runs = Array(repeating: RunMemory(), count: program.runCount)
    slots = Array(repeating: -1, count: program.slotCount)
  }

  deinit { frames.deallocate() }

  func forEachMatch(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    for index in runs.indices { runs[index] = RunMemory() }
    clusterEnds = []
    forget()
    PatternTables.with(program) { tables in
      var from = 0
      var lastEnd = -1
      while let match = search(bytes, from: from, tables) {
        if match.isEmpty, match.lowerBound == lastEnd {
          from = min(from, bytes.count)
          from += PatternTables.length(bytes, at: from)
          continue
        }
        body(match)
        from = match.upperBound
        lastEnd = from
        forget()
      }
    }
  }

  private func forget() {
    stepsBack = 0
    if isRemembering {
      isRemembering = false
      seen = []
    }
  }

  // MARK: Search

  private func search(
    _ bytes: UnsafeBufferPointer<UInt8>, from: Int, _ tables: PatternTables
  ) -> Range<Int>? {
    var start = from
    let table = program.start >= 0 ? tables.firstBytes + Int(program.start) * 256 : nil
    while start <= bytes.count {
      if let table {
        while start < bytes.count, table[Int(bytes[start])] == ScalarBitmaps.isOut { start += 1 }
        if start == bytes.count { return nil }
      }
      let end = match(bytes, at: start, tables)
      if end >= 0 { return start..<end }
      start += PatternTables.length(bytes, at: start)
    }
    return nil
  }

  // MARK: Graphemes

  /// The end of the grapheme cluster at a position.
  private func clusterEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int? {
    if clusterEnds.isEmpty {
      GraphemeBreaks.forEach(in: bytes) { clusterEnds.append($0.upperBound) }
    }
    var low = 0
    var high = clusterEnds.count
    while low < high {
      let middle = (low + high) / 2
      if clusterEnds[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return low < clusterEnds.count ? clusterEnds[low] : nil
  }

  // MARK: Stack

  @inline(__always)
  private func push(
    _ kind: Frame.Kind, target: Int32 = 0, run: Int32 = 0, position: Int, low: Int = 0,
    high: Int = 0
  ) {
    if frameCount == frames.count { grow() }
    frames[frameCount] = Frame(
      kind: kind, target: target, run: run, position: position, low: low, high: high)
    frameCount += 1
  }

  private func grow() {
    let larger = UnsafeMutableBufferPointer<Frame>.allocate(capacity: frames.count * 2)
    _ = larger.update(fromContentsOf: frames)
    frames.deallocate()
    frames = larger
  }

  /// Begins a body that forgets its choices.
  private func open(_ kind: Frame.Kind, target: Int32, at position: Int) {
    push(kind, target: target, position: position, low: barrier)
    barrier = frameCount - 1
  }

  /// Ends it; returns the position at which it began.
  private func close() -> Int {
    let frame = frames[barrier]
    frameCount = barrier
    barrier = frame.low
    return frame.position
  }

  /// Whether a choice has been tried at a position; notes that it has.
  private func hasSeen(_ ordinal: Int32, _ position: Int, count: Int) -> Bool {
    if ordinal < 0 { return false }
    if seen.isEmpty {
      seen = Array(repeating: 0, count: (program.splitCount * (count + 1) + 63) / 64)
    }
    let bit = Int(ordinal) * (count + 1) + position
    let mask = UInt64(1) << UInt64(bit & 63)
    if seen[bit >> 6] & mask != 0 { return true }
    seen[bit >> 6] |= mask
    return false
  }

  // MARK: Matching

  /// The end of the match that begins at `start`, or −1.
  private func match(
    _ bytes: UnsafeBufferPointer<UInt8>, at start: Int, _ tables: PatternTables
  ) -> Int {
    let count = bytes.count
    var next = 0
    var position = start
    frameCount = 0
    barrier = -1
    while true {
      let step = tables.instructions[next]
      var isFailed = false
      next += 1
      switch step.operation {
      case .accept: return position
      case .literal:
        let length = Int(step.b)
        if count - position >= length {
          let literal = tables.literals + Int(step.a)
          var offset = 0
          while offset < length, bytes[position + offset] == literal[offset] { offset += 1 }
          isFailed = offset < length
          position += offset
        } else {
          isFailed = true
        }
      case .set:
        let length = tables.length(bytes, at: position, in: step.a)
        position += length
        isFailed = length == 0
      case .jump: next = Int(step.a)
      case .split:
        let byte = position < count ? Int(bytes[position]) : -1
        let first =
          step.c < 0 || (byte >= 0 && tables.firstBytes[Int(step.c) << 8 | byte] != 0)
        let second =
          step.d < 0 || (byte >= 0 && tables.firstBytes[Int(step.d) << 8 | byte] != 0)
        if isRemembering, hasSeen(step.ordinal, position, count: count) {
          isFailed = true
        } else if first {
          if second { push(.split, target: step.b, position: position) }
          next = Int(step.a)
        } else {
          next = Int(step.b)
          isFailed = !second
        }
      case .possessiveRun:
        isFailed = !takeRun(bytes, &position, step, tables)
      case .greedyRun:
        isFailed = !takeGreedyRun(bytes, &position, step, Int32(next), tables)
      case .lazyRun:
        isFailed = !takeLazyRun(bytes, &position, step, Int32(next), tables)
      case .lineStart:
        isFailed = !(position == 0 || (bytes[position - 1] == 0x0A && position < count))
      case .lineEnd: isFailed = !(position == count || bytes[position] == 0x0A)
      case .textStart: isFailed = position != 0
      case .textEnd: isFailed = position != count
      case .lastLineEnd:
        isFailed = !(position == count || (position == count - 1 && bytes[position] == 0x0A))
      case .wordBoundary: isFailed = !tables.isWordBoundary(bytes, position)
      case .noWordBoundary: isFailed = tables.isWordBoundary(bytes, position)
      case .ahead: isFailed = tables.length(bytes, at: position, in: step.a) == 0
      case .notAhead: isFailed = tables.length(bytes, at: position, in: step.a) > 0
      case .behind: isFailed = !tables.isBehind(bytes, position, in: step.a)
      case .notBehind: isFailed = tables.isBehind(bytes, position, in: step.a)
      case .openAtomic: open(.atomic, target: step.a, at: position)
      case .openLook: open(.look, target: step.a, at: position)
      case .openNegatedLook: open(.negatedLook, target: step.a, at: position)
      case .closeAtomic: _ = close()
      case .closeLook: position = close()
      case .closeNegatedLook:
        _ = close()
        isFailed = true
      case .stepBack:
        for _ in 0..<step.a where position >= 0 {
          position = PatternTables.previous(bytes, position)
        }
        isFailed = position < 0
      case .grapheme:
        if let end = clusterEnd(bytes, position) { position = end } else { isFailed = true }
      case .mark:
        push(.slot, target: step.a, position: slots[Int(step.a)])
        slots[Int(step.a)] = position
      case .check:
        if slots[Int(step.a)] == position { next = Int(step.b) }
      }
      if isFailed, !goBack(bytes, &next, &position, tables) { return -1 }
    }
  }

  // MARK: Runs

  /// Takes as many scalars of a set as there are, up to the run's bound; false where they are too
  /// few.
  @inline(__always)
  private func takeRun(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ step: PatternProgram.Instruction,
    _ tables: PatternTables
  ) -> Bool {
    var taken: Int32 = 0
    if step.c < 0 {
      let start = position
      // A stretch that begins inside the one seen last, or reaches it, ends where that does.
      let known = runs[Int(step.d)]
      if step.b <= 1, known.start <= start, start < known.end {
        position = known.end
        return true
      }
      while true {
        if position == known.start, position < known.end, taken >= step.b {
          position = known.end
          break
        }
        let length = tables.length(bytes, at: position, in: step.a)
        if length == 0 { break }
        position += length
        taken &+= taken < step.b ? 1 : 0
      }
      runs[Int(step.d)].start = start
      runs[Int(step.d)].end = position
      return taken >= step.b
    }
    while taken < step.c {
      let length = tables.length(bytes, at: position, in: step.a)
      if length == 0 { break }
      position += length
      taken += 1
    }
    return taken >= step.b
  }

  @inline(__always)
  private func takeGreedyRun(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ step: PatternProgram.Instruction,
    _ next: Int32, _ tables: PatternTables
  ) -> Bool {
    let start = position
    guard takeRun(bytes, &position, step, tables) else { return false }
    var low = start
    for _ in 0..<step.b { low += PatternTables.length(bytes, at: low) }
    guard position > low else { return true }
    let high = position
    if step.c < 0, program.slotCount == 0 {
      let known = runs[Int(step.d)]
      if known.failedHigh == high {
        if known.failedLow <= low { return false }
        position = PatternTables.previous(bytes, known.failedLow)
      }
    }
    push(
      .greedyRun, target: next, run: step.c < 0 ? step.d : -1, position: position, low: low,
      high: high)
    return true
  }

  @inline(__always)
  private func takeLazyRun(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ step: PatternProgram.Instruction,
    _ next: Int32, _ tables: PatternTables
  ) -> Bool {
    for _ in 0..<step.b {
      let length = tables.length(bytes, at: position, in: step.a)
      if length == 0 { return false }
      position += length
    }
    let isBounded = step.c >= 0
    if !isBounded, program.slotCount == 0 {
      let known = runs[Int(step.d)]
      if known.failedLow <= position, position <= known.failedHigh { return false }
    }
    push(
      .lazyRun, target: next, run: isBounded ? -1 : step.d, position: position, low: position,
      high: isBounded ? Int(step.c - step.b) : .max)
    return true
  }

  /// Notes that going on from no end of a run that has been tried leads to a match.
  private func noteFailure(of run: Int32, _ low: Int, _ high: Int) {
    guard run >= 0 else { return }
    runs[Int(run)].failedLow = low
    runs[Int(run)].failedHigh = high
  }

  // MARK: Going back

  /// Goes back to the last choice; false where there is none.
  @inline(__always)
  private func goBack(
    _ bytes: UnsafeBufferPointer<UInt8>, _ next: inout Int, _ position: inout Int,
    _ tables: PatternTables
  ) -> Bool {
    stepsBack += 1
    if stepsBack == Self.stepsBeforeRemembering { isRemembering = program.splitCount > 0 }
    while frameCount > 0 {
      let top = frameCount - 1
      let frame = frames[top]
      switch frame.kind {
      case .split:
        frameCount = top
        position = frame.position
      case .greedyRun:
        if frame.position == frame.low {
          frameCount = top
          noteFailure(of: frame.run, frame.low, frame.high)
          continue
        }
        position = PatternTables.previous(bytes, frame.position)
        frames[top].position = position
      case .lazyRun:
        let set = tables.instructions[Int(frame.target) - 1].a
        let length = frame.high > 0 ? tables.length(bytes, at: frame.position, in: set) : 0
        if length == 0 {
          frameCount = top
          noteFailure(of: frame.run, frame.low, frame.position)
          continue
        }
        position = frame.position + length
        frames[top].position = position
        frames[top].high -= 1
      case .atomic, .look:
        frameCount = top
        barrier = frame.low
        continue
      case .negatedLook:
        frameCount = top
        barrier = frame.low
        position = frame.position
      case .slot:
        frameCount = top
        slots[Int(frame.target)] = frame.position
        continue
      }
      next = Int(frame.target)
      return true
    }
    return false
  }
}
