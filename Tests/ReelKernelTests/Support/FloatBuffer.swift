/// Floats at an address of their own, for kernels that are given places within them.
final class FloatBuffer {
  let pointer: UnsafeMutablePointer<Float>
  private let count: Int

  init(_ values: [Float]) {
    count = values.count
    pointer = .allocate(capacity: max(count, 1))
    for (index, value) in values.enumerated() { (pointer + index).initialize(to: value) }
  }

  deinit { pointer.deallocate() }

  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
