import Glibc

/// A list of byte strings in one buffer, for lists of a million pieces.
package struct ByteStrings: Sendable, Equatable {
  package private(set) var content: [UInt8] = []
  /// Where each string starts in `content`, and after them where the last one ends.
  package private(set) var starts: [Int] = [0]

  package init() {}

  package init(_ strings: [[UInt8]]) {
    for string in strings { append(string) }
  }

  /// The tokens of a vocabulary, for a tree of them.
  ///
  /// - Throws: where a tree has no room for them.
  init(_ table: TokenTable) throws(TextError) {
    for id in 0..<Int32(table.count) { append(table.bytes(of: id)) }
    guard content.count < PieceTrie.byteLimit else {
      throw TextError(
        "a vocabulary of \(content.count) bytes, expected fewer than \(PieceTrie.byteLimit)")
    }
  }

  package var count: Int { starts.count - 1 }

  package subscript(index: Int) -> [UInt8] {
    Array(content[starts[index]..<starts[index + 1]])
  }

  func length(_ index: Int) -> Int { starts[index + 1] - starts[index] }

  mutating func append(_ string: [UInt8]) {
    content += string
    starts.append(content.count)
  }

  /// Appends the UTF-8 bytes of scalars.
  mutating func append(_ scalars: some Sequence<Unicode.Scalar>) {
    for scalar in scalars { content.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    starts.append(content.count)
  }

  /// The strings with these numbers, in this order.
  func selecting(_ indices: [Int]) -> ByteStrings {
    var selected = ByteStrings()
    selected.starts.reserveCapacity(indices.count + 1)
    for index in indices {
      selected.content += content[starts[index]..<starts[index + 1]]
      selected.starts.append(selected.content.count)
    }
    return selected
  }

  /// The numbers of the strings in the order of their bytes.
  func sortedIndices() -> [Int] {
    content.withUnsafeBufferPointer { content in
      starts.withUnsafeBufferPointer { starts in
        func precedes(_ left: Int, _ right: Int) -> Bool {
          let leftCount = starts[left + 1] - starts[left]
          let rightCount = starts[right + 1] - starts[right]
          guard let base = content.baseAddress else { return left < right }
          let order = memcmp(
            base + starts[left], base + starts[right], min(leftCount, rightCount))
          if order != 0 { return order < 0 }
          return (leftCount, left) < (rightCount, right)
        }
        let indices = Array(0..<count)
        let isSorted = indices.dropFirst().allSatisfy { !precedes($0, $0 - 1) }
        return isSorted ? indices : indices.sorted(by: precedes)
      }
    }
  }

  /// Calls `body` with each string and its number.
  @inline(__always)
  func forEach(_ body: (Int, UnsafeBufferPointer<UInt8>) throws -> Void) rethrows {
    try content.withUnsafeBufferPointer { content in
      for index in 0..<count {
        try body(
          index, UnsafeBufferPointer(rebasing: content[starts[index]..<starts[index + 1]]))
      }
    }
  }
}
