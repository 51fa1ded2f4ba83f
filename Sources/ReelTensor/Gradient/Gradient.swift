import CReelKernels

/// The gradient of a loss in one tensor.
public enum Gradient: Sendable {
  /// One value for each value of the tensor.
  case dense(Tensor)
  /// Of a table (an embedding) of which only some rows were used: all other rows have gradient 0.
  case rows(RowGradient)

  /// The shape of the tensor that this is the gradient of.
  public var shape: [Int] {
    switch self {
    case .dense(let tensor): tensor.shape
    case .rows(let rows): rows.shape
    }
  }

  /// All values, zeros included.
  public var tensor: Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .rows(let rows): rows.dense
    }
  }

  /// The values that may differ from 0.
  package var stored: Tensor {
    switch self {
    case .dense(let tensor): tensor
    case .rows(let rows): rows.values
    }
  }

  /// The same without products that wait to be asked for: these would keep the weights they are made of, which
  /// whoever gets the gradient is about to change.
  var made: Gradient {
    guard case .dense(let tensor) = self, tensor.storage.deferred != nil else { return self }
    return .dense(Tensor(shape: tensor.shape, storage: tensor.storage.wide))
  }

  /// Adds another gradient of the same tensor.
  package mutating func add(_ other: Gradient) {
    if case .rows(let a) = self, case .rows(let b) = other {
      self = .rows(a.adding(b))
      return
    }
    var sum: Tensor
    let term: Gradient
    if case .dense = self {
      (sum, term) = (takeTensor(), other)
    } else {
      (sum, term) = (other.tensor, self)
    }
    switch term {
    case .dense(let term): sum.accumulate(term)
    case .rows(let term): term.add(to: &sum)
    }
    self = .dense(sum)
  }

  private static let taken = Gradient.dense(Tensor(0))

  /// Moves the tensor out, so that it has one owner and is written in place.
  private mutating func takeTensor() -> Tensor {
    let result = tensor
    self = Self.taken
    return result
  }
}

/// The gradient of a table [rows, columns] in the rows that a step used.
public struct RowGradient: Sendable {
  /// Shape of the whole table.
  public let shape: [Int]
  /// The rows that were used, ascending, each once.
  public let indices: [Int32]
  /// Their gradients: [indices.count, columns].
  public let values: Tensor

  package init(shape: [Int], indices: [Int32], values: Tensor) {
    self.shape = shape
    self.indices = indices
    self.values = values
  }

  /// Sums the rows of `gradient` [ids.count, columns] that belong to the same id, in the order
  /// in which they stand. Negative ids were not looked up and are left out.
  package init(table: [Int], ids: [Int32], gradient: Tensor) {
    let columns = table[1]
    let (used, places) = distinctRows(ids, of: table[0])
    shape = table
    indices = used
    values = Tensor.build(shape: [used.count, columns]) { target in
      target.update(repeating: 0)
      guard let base = target.baseAddress else { return }
      gradient.withUnsafeValues { source in
        for (position, place) in places.enumerated() where place >= 0 {
          let sum = base + Int(place) * columns
          kernels.add(columns, sum, source.baseAddress! + position * columns, sum)
        }
      }
    }
  }

  /// All rows, zeros included.
  public var dense: Tensor {
    var result = Tensor(zeros: shape)
    add(to: &result)
    return result
  }

  func add(to sum: inout Tensor) {
    let columns = shape[1]
    sum.withUnsafeMutableValues { target in
      values.withUnsafeValues { source in
        for (slot, row) in indices.enumerated() {
          let place = target.baseAddress! + Int(row) * columns
          kernels.add(columns, place, source.baseAddress! + slot * columns, place)
        }
      }
    }
  }

  func adding(_ other: RowGradient) -> RowGradient {
    let columns = shape[1]
    let ids = indices + other.indices
    let both = Tensor.build(shape: [ids.count, columns]) { target in
      let first = values.count
      values.withUnsafeValues { _ = target[..<first].update(fromContentsOf: $0) }
      other.values.withUnsafeValues { _ = target[first...].update(fromContentsOf: $0) }
    }
    return RowGradient(table: shape, ids: ids, gradient: both)
  }
}

extension Tensor {
  /// Adds `term` of the same shape, in place where nobody else holds this value.
  package mutating func accumulate(_ term: Tensor) {
    precondition(
      shape == term.shape, "gradient of shape \(term.shape) for a value of shape \(shape)")
    withUnsafeMutableValues { target in
      term.withUnsafeValues { source in
        let (target, source) = (Shared(target), Shared(source))
        Threads.forEachRange(of: target.pointer.count, size: elementwiseChunk) { range in
          let place = target.pointer.baseAddress! + range.lowerBound
          kernels.add(range.count, place, source.pointer.baseAddress! + range.lowerBound, place)
        }
      }
    }
  }
}
