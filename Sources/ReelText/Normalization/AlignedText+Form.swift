extension AlignedText {
  /// Brings the text into a normalization form; says whether anything changed.
  ///
  /// Text that the quick check finds in order is not touched. Elsewhere a segment is decomposed,
  /// its marks are put in canonical order and, for NFC and NFKC, composed. A scalar of the result
  /// stands for all scalars that it was composed of; marks that changed places stand together for
  /// all of them.
  @discardableResult
  mutating func normalize(to form: NormalizationForm) -> Bool {
    let source = bytes
    return source.withUnsafeBufferPointer { source in
      let scan = SegmentScan(form: form, source: source)
      guard var segment = scan.next(from: 0) else { return false }
      var normalizer = SegmentNormalizer(form: form, source: source)
      rewrite { rewriter in
        while true {
          rewriter.keep(upTo: segment.lowerBound)
          normalizer.normalize(segment, &rewriter)
          guard let next = scan.next(from: segment.upperBound) else { break }
          segment = next
        }
        rewriter.keep(upTo: source.count)
      }
      return true
    }
  }
}

/// Finds the stretches of a text that may not be in a normalization form.
private struct SegmentScan {
  let form: NormalizationForm
  let source: UnsafeBufferPointer<UInt8>
  let table = NormalizationTable.shared

  /// The next segment to normalize, or nil where the rest is in order. `start` begins a segment.
  func next(from start: Int) -> Range<Int>? {
    var position = start
    var segmentStart = start
    var previousClass: UInt8 = 0
    while position < source.count {
      if source[position] < 0x80 {
        position += UTF8Sequence.asciiRun(from: position, in: source)
        segmentStart = position - 1
        previousClass = 0
        continue
      }
      let (scalar, length) = UTF8Sequence.scalar(at: position, in: source)
      let entry = table[scalar]
      if entry.beginsSegment(in: form) {
        segmentStart = position
        previousClass = 0
      } else if entry.isCertain(in: form), previousClass <= entry.combiningClass {
        previousClass = entry.combiningClass
      } else {
        // Without composition nothing crosses the starter that the scalar is decomposed to.
        if !form.composes, entry.combiningClass == 0, decomposesToStarter(scalar) {
          segmentStart = position
        }
        return segmentStart..<end(from: position + length)
      }
      position += length
    }
    return nil
  }

  private func decomposesToStarter(_ scalar: UInt32) -> Bool {
    table[table.firstDecomposed(scalar, isCompatible: form.isCompatible)].combiningClass == 0
  }

  /// Where the segment ends that goes on at `start`.
  private func end(from start: Int) -> Int {
    var position = start
    while position < source.count {
      let (scalar, length) = UTF8Sequence.scalar(at: position, in: source)
      if table[scalar].beginsSegment(in: form) { break }
      position += length
    }
    return position
  }
}

/// Normalizes one segment after the other; its buffers are used again and again.
private struct SegmentNormalizer {
  /// A scalar, and the bytes of the source that it stands for.
  struct Item {
    var scalar: UInt32
    var combiningClass: UInt8
    var lower: Int
    var upper: Int
  }

  let form: NormalizationForm
  let source: UnsafeBufferPointer<UInt8>
  let table = NormalizationTable.shared
  private var items: [Item] = []
  private var lowestAfter: [Int] = []
  private var output: [UInt8] = []

  init(form: NormalizationForm, source: UnsafeBufferPointer<UInt8>) {
    self.form = form
    self.source = source
  }

  mutating func normalize(_ segment: Range<Int>, _ rewriter: inout AlignedText.Rewriter) {
    let (scalar, length) = UTF8Sequence.scalar(at: segment.lowerBound, in: source)
    if length == segment.count, !form.composes {
      // One scalar, whose decomposition is in order as the table has it.
      output.removeAll(keepingCapacity: true)
      table.forEachDecomposed(scalar, isCompatible: form.isCompatible) {
        appendUTF8($0, to: &output)
      }
      rewriter.replace(segment, with: output)
      return
    }
    decompose(segment)
    order()
    if form.composes { compose() }
    write(segment, to: &rewriter)
  }

  private mutating func decompose(_ segment: Range<Int>) {
    items.removeAll(keepingCapacity: true)
    var position = segment.lowerBound
    while position < segment.upperBound {
      let (scalar, length) = UTF8Sequence.scalar(at: position, in: source)
      table.forEachDecomposed(scalar, isCompatible: form.isCompatible) { part in
        items.append(
          Item(
            scalar: part, combiningClass: table[part].combiningClass,
            lower: position, upper: position + length))
      }
      position += length
    }
  }

  /// The canonical ordering algorithm: marks that follow one another, by their class; those of
  /// equal class keep their order.
  private mutating func order() {
    var start = 0
    while start < items.count {
      guard items[start].combiningClass > 0 else {
        start += 1
        continue
      }
      var end = start + 1
      var isOrdered = true
      while end < items.count, items[end].combiningClass > 0 {
        if items[end - 1].combiningClass > items[end].combiningClass { isOrdered = false }
        end += 1
      }
      if !isOrdered { sort(start..<end) }
      start = end
    }
  }

  /// A counting sort: stable, and linear even for a text of nothing but marks.
  private mutating func sort(_ range: Range<Int>) {
    var places = [Int](repeating: 0, count: 257)
    for item in items[range] { places[Int(item.combiningClass) + 1] += 1 }
    for index in 1...256 { places[index] += places[index - 1] }
    let unordered = Array(items[range])
    for item in unordered {
      items[range.lowerBound + places[Int(item.combiningClass)]] = item
      places[Int(item.combiningClass)] += 1
    }
  }

  /// The canonical composition algorithm (Unicode Standard, section 3.11).
  private mutating func compose() {
    var starter: Int?
    var count = 0
    for index in items.indices {
      let item = items[index]
      if let base = starter {
        // Something between that is not of a lower class stands in the way.
        let isBlocked = base != count - 1 && items[count - 1].combiningClass >= item.combiningClass
        if !isBlocked, let composite = table.composite(of: items[base].scalar, item.scalar) {
          items[base].scalar = composite
          items[base].lower = min(items[base].lower, item.lower)
          items[base].upper = max(items[base].upper, item.upper)
          continue
        }
      }
      if item.combiningClass == 0 { starter = count }
      items[count] = item
      count += 1
    }
    items.removeSubrange(count...)
  }

  /// Hands on the items in the smallest groups whose bytes follow one another.
  private mutating func write(_ segment: Range<Int>, to rewriter: inout AlignedText.Rewriter) {
    lowestAfter.removeAll(keepingCapacity: true)
    var lowest = segment.upperBound
    for item in items.reversed() {
      lowestAfter.append(lowest)
      lowest = min(lowest, item.lower)
    }
    var lower = segment.lowerBound
    var upper = lower
    output.removeAll(keepingCapacity: true)
    for (index, item) in items.enumerated() {
      appendUTF8(item.scalar, to: &output)
      upper = max(upper, item.upper)
      guard lowestAfter[items.count - 1 - index] >= upper else { continue }
      if output.elementsEqual(source[lower..<upper]) {
        rewriter.keep(lower..<upper)
      } else {
        rewriter.replace(lower..<upper, with: output)
      }
      output.removeAll(keepingCapacity: true)
      lower = upper
    }
  }
}
