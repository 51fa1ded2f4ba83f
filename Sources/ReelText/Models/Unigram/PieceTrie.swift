/// A tree of byte strings in which a step down costs one look into an array (Aoe 1989).
///
/// The child of node n by byte b is node `base(n) ^ b`, if that node's parent is n. So all children
/// of a node lie in one block of 256 nodes.
package struct PieceTrie: Sendable {
  package struct Node: Sendable {
    package var base: Int32 = 0
    /// -1: no node of the tree. The root has no parent that a step could come from.
    package var parent: Int32 = -1
    /// The number of the string that ends here, or -1.
    package var value: Int32 = -1
  }

  package static let root: Int32 = 0

  /// Strings have fewer bytes than this, all together: nodes are numbered in 32 bits.
  package static let byteLimit = 1 << 30

  /// 256 nodes at a time, so that every `base ^ byte` is an index.
  package let nodes: [Node]

  /// - Precondition: the strings have fewer than `byteLimit` bytes. Of equal ones the last one counts.
  package init(_ strings: ByteStrings) {
    precondition(
      strings.content.count < Self.byteLimit,
      "strings of \(strings.content.count) bytes, expected fewer than \(Self.byteLimit)")
    nodes = PieceTrieBuilder.build(strings)
  }

  /// The node that `bytes` lead to from `node`, or nil.
  package func node(_ bytes: some Sequence<UInt8>, from node: Int32 = root) -> Int32? {
    var current = node
    for byte in bytes {
      let next = nodes[Int(current)].base ^ Int32(byte)
      guard nodes[Int(next)].parent == current else { return nil }
      current = next
    }
    return current
  }

  /// The number of a string, or nil where it is not in the tree.
  package func value(of bytes: some Sequence<UInt8>) -> Int32? {
    guard let node = node(bytes), nodes[Int(node)].value >= 0 else { return nil }
    return nodes[Int(node)].value
  }

  /// Calls `body` with the end and the number of each string that begins at `start`, the shortest
  /// first. The empty string is never found.
  @inline(__always)
  package static func forEachPrefix(
    _ nodes: UnsafePointer<Node>, _ bytes: UnsafeBufferPointer<UInt8>, from start: Int,
    at first: Int32 = root, _ body: (Int, Int32) -> Void
  ) {
    var current = first
    var position = start
    while position < bytes.count {
      let next = nodes[Int(current)].base ^ Int32(bytes[position])
      guard nodes[Int(next)].parent == current else { return }
      current = next
      position += 1
      let value = nodes[Int(current)].value
      if value >= 0 { body(position, value) }
    }
  }
}
