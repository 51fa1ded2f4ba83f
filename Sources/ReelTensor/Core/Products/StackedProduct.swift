import CReelKernels

/// C = bias + A₁·W₁ᵀ + A₂·W₂ᵀ of narrow numbers, for a few rows at a time and always the same weights: what
/// a recurrent step needs, the input's product and the hidden state's, as one; bit for bit what the two give
/// one after the other.
package final class StackedProduct: @unchecked Sendable {
  private let way: Way
  private let depths: [Int]
  private let n: Int
  private let bias: UnsafePointer<Float>?
  // Keeps the bias.
  private let owner: Storage?

  private enum Way {
    case parts(StackedParts)
    case bytes([ByteProduct])
  }

  /// Rows from which reading so many weights at each step pays.
  private static let fewestRows = 48

  /// nil where the products by themselves are the better way, or would not give the same bits.
  ///
  /// - Parameters:
  ///   - weights: W₁ and W₂, each [n, kᵢ]; the first one meets the input, the other the state.
  ///   - bias: n values or none.
  ///   - rows: about how many rows a product will have.
  ///   - total: the rows of all products together.
  ///   - use: of the product with the state, if that were by itself.
  package init?(
    weights: [Tensor], bias: Tensor?, rows: Int, total: Int, use: StepProduct.Use
  ) {
    precondition(weights.count == 2, "StackedProduct: \(weights.count) weights, 2 expected")
    guard rows >= Self.fewestRows else { return nil }
    let (first, last) = (weights[0], weights[1])
    n = first.shape[0]
    depths = weights.map { $0.shape[1] }
    let bytes = weights.compactMap { weight in
      ByteProduct(
        k: weight.shape[1], n: weight.shape[0], weight.storage, stride: weight.shape[1])
    }
    if bytes.count == weights.count {
      way = .bytes(bytes)
    } else if let splitProducts,
      StepProduct.isSplit(k: last.shape[1], n: n, use),
      MatrixProduct.isSplit(m: total, n: n, k: first.shape[1]),
      weights.allSatisfy({ SplitProduct.pays(k: $0.shape[1], n: $0.shape[0]) })
    {
      way = .parts(StackedParts(weights, splitProducts))
    } else {
      return nil
    }
    owner = bias?.storage
    self.bias = owner.map { UnsafePointer($0.pointer) }
  }

  /// Whether both factors of all products have 8 bits.
  package var isOfEightBits: Bool {
    if case .bytes(let products) = way { products.allSatisfy(\.isOfEightBits) } else { false }
  }

  /// A left operand: rows, `stride` floats apart.
  package typealias Rows = (pointer: UnsafePointer<Float>, stride: Int)

  /// The input of all steps, A₁, and what several products with it share.
  package struct Input: Sendable {
    fileprivate let values: Tensor
    fileprivate let integers: ByteProduct.QuantizedRows?
  }

  /// An input [total, k₁] of this product, made ready for others of its sizes as well if it is shared.
  package func input(_ values: Tensor, isShared: Bool) -> Input {
    precondition(
      values.shape[1] == depths[0],
      "StackedProduct: an input of \(values.shape[1]) features, \(depths[0]) expected")
    guard isShared, case .bytes(let products) = way else {
      return Input(values: values, integers: nil)
    }
    let integers = products[0].quantizedShared(
      rows: values.shape[0], values.storage.pointer, stride: values.shape[1])
    return Input(values: values, integers: integers)
  }

  /// C (rows×n) = bias + A₁·W₁ᵀ + A₂·W₂ᵀ with the rows of A₁ from `first` on, on the calling thread. Of A₂ the rows
  /// behind the first `begun` ones are zeros.
  package func multiply(
    rows: Int, _ input: Input, from first: Int, _ state: Rows, begun: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    let width = input.values.shape[1]
    precondition(
      first >= 0 && first + rows <= input.values.shape[0] && width == depths[0],
      "StackedProduct: \(rows) rows from \(first) on of an input \(input.values.shape)")
    precondition(0...rows ~= begun, "StackedProduct: \(begun) of \(rows) rows have begun")
    let floats: Rows = (UnsafePointer(input.values.storage.pointer + first * width), width)
    switch way {
    case .parts(let parts):
      parts.multiply(rows: rows, n, [floats, state], bias: bias, into: c, stride: ldc)
    case .bytes(let products):
      let start: RowStarts = bias.map { .row($0) } ?? .zeros
      if let integers = input.integers {
        products[0].multiply(rows: rows, integers, first: first, from: start, into: c, stride: ldc)
      } else {
        products[0].multiply(
          rows: rows, floats.pointer, stride: floats.stride, from: start, into: c, stride: ldc)
      }
      guard begun > 0 else { return }
      products[1].multiply(
        rows: begun, state.pointer, stride: state.stride, from: .target, into: c, stride: ldc)
    }
  }
}

/// The same in bfloat16 parts, whose sums stay in the registers from one product to the next.
private struct StackedParts: @unchecked Sendable {
  private let products: reel_split_products
  private let depths: [Int]
  private let right: Storage

  init(_ weights: [Tensor], _ products: reel_split_products) {
    self.products = products
    depths = weights.map { $0.shape[1] }
    let (n, depths) = (weights.first?.shape[0] ?? 0, depths)
    let length = depths.map { products.columns_length($0, SplitTile.side) }.reduce(0, +)
    right = Storage(count: SplitTile.whole(n) / SplitTile.side * length)
    let target = Shared(right.pointer)
    Threads.forEachRange(of: n, size: 64) { columns in
      var place = target.pointer + columns.lowerBound / SplitTile.side * length
      for (weight, k) in zip(weights, depths) {
        products.split_columns(
          k, columns.count, weight.storage.pointer + columns.lowerBound * k, k, true, place, length)
        place += products.columns_length(k, SplitTile.side)
      }
    }
  }

  func multiply(
    rows: Int, _ n: Int, _ left: [StackedProduct.Rows], bias: UnsafePointer<Float>?,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    let length = depths.map { products.row_length($0) }.reduce(0, +)
    let parts = Storage(count: SplitTile.whole(rows) * length)
    var place = parts.pointer
    var k = 0
    for (operand, depth) in zip(left, depths) {
      products.split_rows(rows, depth, operand.pointer, operand.stride, place, length)
      place += products.row_length(depth)
      k += SplitTile.whole(depth, of: SplitTile.depth)
    }
    products.multiply(rows, n, k, parts.pointer, right.pointer, bias, c, ldc, false)
    withExtendedLifetime(parts) {}
  }
}
