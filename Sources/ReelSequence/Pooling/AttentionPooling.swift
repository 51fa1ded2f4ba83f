import CReelKernels
import Foundation
import ReelLayers
import ReelTensor

/// A mean over time whose weights are learned (Yang et al. 2016, "Hierarchical attention networks",
/// eqs. 5–7).
///
///     u_t = tanh(W·x_t + b)        a_t = q·u_t
///     α = softmax(a)               y = Σ_t α_t x_t
///
/// Shapes: x [batch, time, F], y [batch, F]; `projection.weight` W [A, F], `projection.bias` b [A],
/// `query` q [A]. The softmax is over each sequence's own steps; an empty one gives zeros.
public struct AttentionPooling: Module {
  public var projection: Linear
  public var query: Tensor

  /// - Parameters:
  ///   - features: F, of each time step.
  ///   - attentionSize: A, units of the scores.
  public init(features: Int, attentionSize: Int = 64, using generator: inout RandomGenerator) {
    projection = Linear(features, attentionSize, using: &generator)
    let bound = (3 / Float(attentionSize)).squareRoot()
    query = generator.uniform(shape: [attentionSize], in: -bound...bound)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("projection", &projection)
    visitor.visit("query", &query)
  }

  public func callAsFunction(_ x: Sequences) -> Tensor {
    x.attentionPooled(keys: keys(x), query: query)
  }

  /// α: the weight of each time step, for each sequence; they add up to 1.
  public func weights(_ x: Sequences) -> [[Float]] {
    let (layout, keys) = (x.layout, keys(x).values.detached())
    let weights = Sequences.attentionWeights(layout, keys: keys, query: query.detached())
    return layout.lengths.indices.map { row in
      layout.storedRows(of: row).map { weights[Int($0)] }
    }
  }

  private func keys(_ x: Sequences) -> Sequences {
    projection(x).mapSteps { $0.tanh() }
  }
}

extension Sequences {
  /// A weighted mean over the time steps of each sequence, [batch, feature]:
  /// a_t = q·k_t, α = softmax(a), y = Σ_t α_t x_t. One node.
  ///
  /// Backward, with g = ∂y and c_t = g·x_t: ∂x_t = α_t g, ∂a_t = α_t (c_t − Σ_s α_s c_s),
  /// ∂k_t = ∂a_t q, ∂q = Σ ∂a_t k_t.
  ///
  /// - Parameters:
  ///   - keys: k [batch, time, A] of the same lengths; may be the sequences themselves.
  ///   - query: q [A].
  public func attentionPooled(keys: Sequences, query: Tensor) -> Tensor {
    precondition(
      keys.layout == layout && query.shape == [keys.featureCount],
      "attentionPooled: keys of lengths \(keys.lengths) and \(keys.featureCount) features with a "
        + "query of shape \(query.shape), for sequences of lengths \(lengths)")
    let (layout, features) = (layout, featureCount)
    let lengths = layout.placeLengths
    let x = values.detached()
    let (k, q) = (keys.values.detached(), query.detached())
    let weights = Self.attentionWeights(layout, keys: k, query: q)
    let y = Tensor.rows([layout.batch, features]) { y in
      x.withRows { x in
        layout.forEachPlaces(features: features) { places in
          for place in places {
            let sum = y.row(layout.order[place])
            for time in 0..<lengths[place] {
              let row = layout.offsets[time] + place
              kernels.add_scaled(features, weights[row], x.row(row), sum)
            }
          }
        }
      }
    }
    return record(y, from: [values, keys.values, query]) { gradient in
      // ∂a of every stored row, filled beside ∂x.
      let scores = Tensor.rows([layout.total, 1]) { scores in
        x.withRows { x in
          gradient.withRows { dy in
            layout.forEachPlaces(features: features) { places in
              for place in places {
                let g = dy.row(layout.order[place])
                var mean = 0.0
                for time in 0..<lengths[place] {
                  let row = layout.offsets[time] + place
                  let c = kernels.dot(features, g, x.row(row))
                  scores.base[row] = c
                  mean += Double(weights[row] * c)
                }
                for time in 0..<lengths[place] {
                  let row = layout.offsets[time] + place
                  scores.base[row] = weights[row] * (scores.base[row] - Float(mean))
                }
              }
            }
          }
        }
      }
      let dx = Tensor.rows([layout.total, features]) { dx in
        gradient.withRows { dy in
          layout.forEachPlaces(features: features) { places in
            for place in places {
              for time in 0..<lengths[place] {
                let row = layout.offsets[time] + place
                kernels.scale_add(
                  features, weights[row], 0, dy.row(layout.order[place]), dx.row(row))
              }
            }
          }
        }
      }
      let (dk, dq) = Self.keyGradients(scores, keys: k, query: q)
      return [.dense(dx), .dense(dk), .dense(dq)]
    }
  }

  /// softmax(q·k) over each sequence, one for each stored row.
  fileprivate static func attentionWeights(
    _ layout: SequenceLayout, keys: Tensor, query: Tensor
  ) -> [Float] {
    let size = query.count
    let lengths = layout.placeLengths
    return [Float](unsafeUninitializedCapacity: layout.total) { weights, count in
      count = layout.total
      guard let base = weights.baseAddress, layout.total > 0 else { return }
      let weights = Shared(base)
      keys.withRows { k in
        query.withUnsafeValues { q in
          guard let q = Shared(q.baseAddress).pointer.map({ Shared($0) }) else { return }
          layout.forEachPlaces(features: size) { places in
            for place in places where lengths[place] > 0 {
              var largest = -Float.infinity
              for time in 0..<lengths[place] {
                let row = layout.offsets[time] + place
                let score = kernels.dot(size, q.pointer, k.row(row))
                weights.pointer[row] = score
                largest = max(largest, score)
              }
              var sum = 0.0
              for time in 0..<lengths[place] {
                let row = layout.offsets[time] + place
                let power = exp(weights.pointer[row] - largest)
                weights.pointer[row] = power
                sum += Double(power)
              }
              let scale = Float(1 / sum)
              for time in 0..<lengths[place] {
                weights.pointer[layout.offsets[time] + place] *= scale
              }
            }
          }
        }
      }
    }
  }

  /// ∂k = ∂a·qᵀ [total, A] and ∂q = kᵀ·∂a [A], sums in a fixed order.
  private static func keyGradients(
    _ scores: Tensor, keys: Tensor, query: Tensor
  ) -> (keys: Tensor, query: Tensor) {
    let (total, size) = (keys.shape[0], keys.shape[1])
    let dk = Tensor.rows([total, size]) { dk in
      scores.withRows { da in
        query.withUnsafeValues { q in
          guard let base = q.baseAddress else { return }
          let q = Shared(base)
          Threads.forEachRange(of: total, size: max(1, (1 << 15) / size)) { range in
            for row in range {
              kernels.scale_add(size, da.base[row], 0, q.pointer, dk.row(row))
            }
          }
        }
      }
    }
    let piece = 256
    let pieces = (total + piece - 1) / piece
    let partial = Tensor.rows([pieces, size]) { partial in
      scores.withRows { da in
        keys.withRows { k in
          Threads.forEachRange(of: total, size: piece) { range in
            for row in range {
              kernels.add_scaled(
                size, da.base[row], k.row(row), partial.row(range.lowerBound / piece))
            }
          }
        }
      }
    }
    return (dk, partial.sum(axis: 0))
  }
}
