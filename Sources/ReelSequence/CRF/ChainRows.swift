/// Rows of Doubles in one buffer, each filled up to whole vectors of four numbers.
///
/// Unchecked: a buffer belongs to the one pass that made it, or is only read once it is filled.
final class ChainRows: @unchecked Sendable {
  typealias Vector = SIMD4<Double>

  let rows: Int
  /// Numbers from one row to the next.
  let stride: Int
  private let pointer: UnsafeMutablePointer<Double>

  /// - Parameter value: what every place holds at first, those of the filling too.
  init(rows: Int, columns: Int, filledWith value: Double = 0) {
    let width = Vector.scalarCount
    self.rows = rows
    stride = (columns + width - 1) / width * width
    pointer = UnsafeMutableRawPointer.allocate(
      byteCount: max(rows * stride, 1) * MemoryLayout<Double>.stride, alignment: 64
    ).bindMemory(to: Double.self, capacity: rows * stride)
    pointer.initialize(repeating: value, count: rows * stride)
  }

  /// A table with one value for each place.
  convenience init(
    rows: Int, columns: Int, filledWith filling: Double, value: (Int, Int) -> Double
  ) {
    self.init(rows: rows, columns: columns, filledWith: filling)
    for row in 0..<rows {
      for column in 0..<columns { self[row][column] = value(row, column) }
    }
  }

  deinit { pointer.deallocate() }

  @inline(__always)
  subscript(row: Int) -> UnsafeMutablePointer<Double> { pointer + row * stride }
}

extension UnsafePointer<Double> {
  @inline(__always)
  func vector(_ index: Int) -> SIMD4<Double> {
    UnsafeRawPointer(self + index).load(as: SIMD4<Double>.self)
  }
}

extension UnsafeMutablePointer<Double> {
  @inline(__always)
  func vector(_ index: Int) -> SIMD4<Double> { UnsafePointer(self).vector(index) }

  @inline(__always)
  func setVector(_ index: Int, _ value: SIMD4<Double>) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}

extension ChainRows {
  /// target[j] = factor[j] · Σ_i vector[i]·self[i][j]; returns Σ_j target[j].
  @inline(__always)
  func product(
    _ vector: UnsafePointer<Double>, times factor: UnsafePointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = Vector(repeating: 0)
    for block in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
      var sum = Vector(repeating: 0)
      var row = UnsafePointer(pointer + block)
      for index in 0..<rows {
        sum += vector[index] * row.vector(0)
        row += stride
      }
      sum *= factor.vector(block)
      target.setVector(block, sum)
      total += sum
    }
    return total.sum()
  }

  /// target[j] = Σ_i vector[i]·self[i][j]; returns Σ_j target[j].
  @inline(__always)
  func product(
    _ vector: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = Vector(repeating: 0)
    for block in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
      var sum = Vector(repeating: 0)
      var row = UnsafePointer(pointer + block)
      for index in 0..<rows {
        sum += vector[index] * row.vector(0)
        row += stride
      }
      target.setVector(block, sum)
      total += sum
    }
    return total.sum()
  }

  /// self[i][j] += scale·a[i]·b[j].
  @inline(__always)
  func addOuterProduct(
    _ scale: Double, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>
  ) {
    for index in 0..<rows {
      let factor = scale * a[index]
      let row = pointer + index * stride
      for block in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
        row.setVector(block, row.vector(block) + factor * b.vector(block))
      }
    }
  }

  /// target[j] = addend[j] + max_i (vector[i] + self[i][j]).
  @inline(__always)
  func largestSums(
    _ vector: UnsafePointer<Double>, plus addend: UnsafePointer<Double>,
    into target: UnsafeMutablePointer<Double>
  ) {
    for block in Swift.stride(from: 0, to: stride, by: Vector.scalarCount) {
      var row = UnsafePointer(pointer + block)
      var best = vector[0] + row.vector(0)
      for index in 1..<max(rows, 1) {
        row += stride
        let sum = vector[index] + row.vector(0)
        best.replace(with: sum, where: sum .> best)
      }
      target.setVector(block, addend.vector(block) + best)
    }
  }
}
