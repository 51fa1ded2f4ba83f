import Synchronization

/// A matrix of weights in 16 or 8 bits each. Its Floats are made when somebody first asks for them.
package final class NarrowMatrix: Sendable {
  package let format: WeightFormat
  package let rows: Int
  package let columns: Int
  /// The weights, row after row.
  private let bytes: Storage
  /// Of `int8` one for each row, else none.
  package let scales: [Float]
  private let floats = Mutex<Storage?>(nil)

  /// Memory for weights that the caller fills.
  package init(format: WeightFormat, rows: Int, columns: Int, scales: [Float] = []) {
    precondition(
      format != .float32 && scales.count == (format == .int8 ? rows : 0),
      "NarrowMatrix: \(scales.count) scales for \(rows) rows of \(format.rawValue)")
    (self.format, self.rows, self.columns, self.scales) = (format, rows, columns, scales)
    bytes = Storage(count: (rows * columns * format.byteCount + 3) / 4)
  }

  /// The values of a matrix, rounded; they are finite.
  convenience init(_ tensor: Tensor, as format: WeightFormat) {
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let values = tensor.storage.pointer
    let largest = (0..<rows).map { row in
      UnsafeBufferPointer(start: values + row * columns, count: columns)
        .reduce(0) { max($0, $1.magnitude) }
    }
    self.init(
      format: format, rows: rows, columns: columns,
      scales: format == .int8 ? largest.map(Self.scale) : [])
    for row in 0..<rows {
      for column in 0..<columns {
        let (value, place) = (values[row * columns + column], row * columns + column)
        if format == .int8 {
          // Of a row of zeros, or of numbers that are next to nothing.
          let factor = 127 / largest[row]
          integers[place] =
            factor.isFinite ? Int8((value * factor).rounded(.toNearestOrEven)) : 0
        } else {
          halves[place] = value.upperHalf
        }
      }
    }
    withExtendedLifetime(tensor) {}
  }

  /// One of 127 steps to the largest magnitude of a row; 127 of them are finite, too.
  private static func scale(of largest: Float) -> Float {
    let scale = largest / 127
    return (127 * scale).isFinite ? scale : scale.nextDown
  }

  package var byteBuffer: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: bytes.pointer, count: rows * columns * format.byteCount)
  }

  /// Of `bfloat16`.
  package var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(bytes.pointer).assumingMemoryBound(to: UInt16.self)
  }

  /// Of `int8`.
  package var integers: UnsafeMutablePointer<Int8> {
    UnsafeMutableRawPointer(bytes.pointer).assumingMemoryBound(to: Int8.self)
  }

  /// Whether the Floats have been made.
  package var isWidened: Bool { floats.withLock { $0 != nil } }

  /// All values as Floats; from now on they stay.
  var widened: Storage {
    floats.withLock { floats in
      if let floats { return floats }
      let result = Storage(count: rows * columns)
      for row in 0..<rows { widen(row: row, into: result.pointer + row * columns) }
      floats = result
      return result
    }
  }

  /// One row as Floats.
  func widen(row: Int, into target: UnsafeMutablePointer<Float>) {
    let first = row * columns
    if format == .int8 {
      let scale = scales[row]
      for column in 0..<columns { target[column] = scale * Float(integers[first + column]) }
    } else {
      for column in 0..<columns {
        target[column] = Float(bitPattern: UInt32(halves[first + column]) << 16)
      }
    }
  }
}

extension Float {
  /// The nearest bfloat16, ties to even, of a finite number.
  fileprivate var upperHalf: UInt16 {
    let odd = (bitPattern >> 16) & 1
    let rounded = (bitPattern + 0x7fff + odd) >> 16
    // What would round to infinity stays the largest number.
    return UInt16(rounded & 0x7fff == 0x7f80 ? rounded - 1 : rounded)
  }
}
