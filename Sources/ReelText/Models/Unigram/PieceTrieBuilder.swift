/// Lays a tree out as a double array: children go to the first place that is free for all of them,
/// in one of the blocks that still have room.
struct PieceTrieBuilder {
  /// Strings that agree in the bytes before `depth` and hang below `node`.
  private struct Part {
    var node: Int32
    var depth: Int
    var strings: Range<Int>
  }

  /// Which nodes of a block are free.
  private struct Block {
    var number: Int
    var free: (UInt64, UInt64, UInt64, UInt64) = (.max, .max, .max, .max)
    var freeCount = 256

    @inline(__always)
    func isFree(_ index: UInt8) -> Bool {
      word(Int(index >> 6)) >> UInt64(index & 63) & 1 != 0
    }

    @inline(__always)
    func word(_ index: Int) -> UInt64 {
      switch index {
      case 0: free.0
      case 1: free.1
      case 2: free.2
      default: free.3
      }
    }

    mutating func take(_ index: UInt8) {
      let mask = ~(UInt64(1) << UInt64(index & 63))
      switch index >> 6 {
      case 0: free.0 &= mask
      case 1: free.1 &= mask
      case 2: free.2 &= mask
      default: free.3 &= mask
      }
      freeCount -= 1
    }

    /// A base under which every label is free.
    func base(for labels: [UInt8]) -> UInt8? {
      guard freeCount >= labels.count else { return nil }
      for index in 0..<4 {
        var word = word(index)
        while word != 0 {
          let base = UInt8(64 * index + word.trailingZeroBitCount) ^ labels[0]
          if labels.allSatisfy({ isFree(base ^ $0) }) { return base }
          word &= word - 1
        }
      }
      return nil
    }
  }

  /// More blocks find more gaps, and take longer to search.
  private static let openLimit = 16

  private var nodes: [PieceTrie.Node] = []
  private var open: [Block] = []

  static func build(_ strings: ByteStrings) -> [PieceTrie.Node] {
    var builder = PieceTrieBuilder()
    builder.addBlock()
    builder.open[0].take(0)
    builder.nodes[0].parent = -2
    builder.place(strings, strings.sortedIndices())
    return builder.nodes
  }

  private mutating func place(_ strings: ByteStrings, _ order: [Int]) {
    // A stack and no recursion: a string from a file may be as long as it likes.
    var parts = [Part(node: 0, depth: 0, strings: order.indices)]
    var labels: [UInt8] = []
    var ranges: [Range<Int>] = []
    strings.content.withUnsafeBufferPointer { content in
      strings.starts.withUnsafeBufferPointer { starts in
        while let part = parts.popLast() {
          var next = part.strings.lowerBound
          while next < part.strings.upperBound,
            starts[order[next] + 1] - starts[order[next]] == part.depth
          {
            nodes[Int(part.node)].value = Int32(order[next])
            next += 1
          }
          labels.removeAll(keepingCapacity: true)
          ranges.removeAll(keepingCapacity: true)
          while next < part.strings.upperBound {
            let label = content[starts[order[next]] + part.depth]
            var end = next + 1
            while end < part.strings.upperBound,
              content[starts[order[end]] + part.depth] == label
            {
              end += 1
            }
            labels.append(label)
            ranges.append(next..<end)
            next = end
          }
          guard !labels.isEmpty else { continue }
          let base = takeBase(for: labels)
          nodes[Int(part.node)].base = base
          for (label, range) in zip(labels, ranges).reversed() {
            let child = base ^ Int32(label)
            nodes[Int(child)].parent = part.node
            parts.append(Part(node: child, depth: part.depth + 1, strings: range))
          }
        }
      }
    }
  }

  /// Finds places for children with these labels and takes them.
  private mutating func takeBase(for labels: [UInt8]) -> Int32 {
    for position in open.indices.reversed() {
      if let base = open[position].base(for: labels) {
        for label in labels { open[position].take(base ^ label) }
        let number = open[position].number
        if open[position].freeCount == 0 { open.remove(at: position) }
        return Int32(256 * number) | Int32(base)
      }
    }
    addBlock()
    return takeBase(for: labels)
  }

  private mutating func addBlock() {
    if open.count == Self.openLimit {
      let fullest = open.indices.min { open[$0].freeCount < open[$1].freeCount } ?? 0
      open.remove(at: fullest)
    }
    open.append(Block(number: nodes.count / 256))
    nodes.append(contentsOf: repeatElement(PieceTrie.Node(), count: 256))
  }
}
