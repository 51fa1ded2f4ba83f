import ReelLayers
import ReelTensor

/// How the loop over time divides a layer that is trained with few sequences: by units, in each step.
///
/// A thread has the same units at every step, their gates and their rows of W_hh. Going forward it needs the whole h
/// of the step before; going back it makes the share of its own units in the gradient of h, D·W_hh, which all others
/// add to their own. So threads meet once in a step, and each reads only its part of the weights, the same one all
/// the time.
package enum UnitPieces {
  /// Recurrent weights from which two threads gain more in a step than they lose by meeting (measured on two cores of
  /// one processor), and from which there is work for four and for eight.
  private static let (two, four, eight) = (1 << 14, 1 << 19, 1 << 22)

  /// Pieces of a layer with H units and so many recurrent weights, whole vectors; none where one thread is faster, or
  /// where the batch itself is divided, is ragged or has one step.
  package static func of(
    hiddenSize: Int, weights: Int, layout: SequenceLayout
  ) -> [Range<Int>] {
    guard BatchPieces.of(layout.batch).count == 1, layout.active.last == layout.batch,
      layout.longest > 1, weights >= two
    else { return [] }
    let count = weights >= eight ? 8 : weights >= four ? 4 : 2
    let vector = 16
    let size = (hiddenSize + count * vector - 1) / (count * vector) * vector
    return stride(from: 0, to: hiddenSize, by: size).map { $0..<min(hiddenSize, $0 + size) }
  }
}

/// The products of the pieces of a layer's units in each step.
struct UnitProducts {
  private let products: FloatProducts
  let pieces: [[UnitProduct]]

  /// - Parameters:
  ///   - weights: W_hh [G·H, H].
  ///   - isForward: h·W_hhᵀ to the gates of the units; otherwise their share in D·W_hh.
  ///   - rows: sequences.
  init(
    _ units: [Range<Int>], _ planned: [PlannedProduct], weights: Tensor, isForward: Bool, rows: Int
  ) {
    let hidden = weights.shape[1]
    // Gate after gate: what a product reads there, and its place.
    let places = units.map { units in
      planned.flatMap { product in
        stride(from: units.lowerBound, to: product.width, by: hidden).map { (product, $0) }
      }
    }
    products = FloatProducts(
      zip(units, places).map { units, places in
        places.map { product, column in
          FloatProducts.Block(
            k: isForward ? hidden : units.count, n: isForward ? units.count : hidden,
            offset: (product.firstRow + column) * hidden)
        }
      }, of: weights.storage, stride: hidden, transposed: isForward, rows: rows)
    pieces = zip(products.pieces, places).map { products, places in
      zip(products, places).map { product, place in
        UnitProduct(
          product: product, isApart: place.0.destination == .recurrent,
          column: place.0.column + place.1, firstRow: place.0.firstRow + place.1)
      }
    }
  }
}

/// What a piece of the units multiplies in a step with one gate's rows of W_hh.
struct UnitProduct {
  let product: FloatProduct
  /// Whether its gates are those kept apart.
  let isApart: Bool
  /// First column there, and first row of W_hh.
  let column: Int
  let firstRow: Int
}
