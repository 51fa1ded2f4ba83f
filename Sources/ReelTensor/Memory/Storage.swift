/// The buffer of one tensor: `count` floats from the pool, given back when the last user is gone.
///
/// Sendable without a lock because of one rule: a buffer is written only while it has one owner
/// (when it is made, through copy-on-write, or by the backward pass that consumes it).
package final class Storage: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Float>
  package let count: Int
  private let sizeClass: Int

  /// Floats of any value: whoever makes a storage fills it.
  package init(count: Int) {
    let (raw, sizeClass) = MemoryPool.take(bytes: count * MemoryLayout<Float>.stride)
    self.pointer = raw.bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.sizeClass = sizeClass
  }

  deinit { MemoryPool.give(UnsafeMutableRawPointer(pointer), sizeClass: sizeClass) }

  package var buffer: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }
}
