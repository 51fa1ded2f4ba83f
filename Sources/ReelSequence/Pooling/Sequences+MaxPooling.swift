import ReelLayers
import ReelTensor

extension Sequences {
  /// The largest value of each feature over the time steps of each sequence, [batch, feature];
  /// zeros for an empty one (Collobert et al. 2011, "max over time").
  ///
  /// yᵦⱼ = max_t xᵦₜⱼ; backward: ∂yᵦⱼ goes to the step that had the largest value, the first of
  /// them where several had. A NaN at the first step stays; later ones are passed over.
  public func maxPooled() -> Tensor {
    let (layout, features) = (layout, featureCount)
    let lengths = layout.placeLengths
    let isWatched = values.isWatched
    // The stored row that each value came from.
    var sources = [Int32](repeating: 0, count: isWatched ? layout.batch * features : 0)
    let y = sources.withUnsafeMutableBufferPointer { sources in
      let sources = Shared(sources.baseAddress)
      return Tensor.rows([layout.batch, features]) { y in
        values.withRows { x in
          layout.forEachPlaces(features: features) { places in
            for place in places where lengths[place] > 0 {
              let best = y.row(layout.order[place])
              best.update(from: x.row(place), count: features)
              guard isWatched, let all = sources.pointer else {
                for time in 1..<max(1, lengths[place]) {
                  let row = x.row(layout.offsets[time] + place)
                  for j in 0..<features where row[j] > best[j] { best[j] = row[j] }
                }
                continue
              }
              let source = all + layout.order[place] * features
              for j in 0..<features { source[j] = Int32(place) }
              for time in 1..<max(1, lengths[place]) {
                let number = layout.offsets[time] + place
                let row = x.row(number)
                for j in 0..<features where row[j] > best[j] {
                  best[j] = row[j]
                  source[j] = Int32(number)
                }
              }
            }
          }
        }
      }
    }
    return record(y, from: [values]) { [sources] gradient in
      let dx = Tensor.rows([layout.total, features]) { dx in
        gradient.withRows { dy in
          layout.forEachPlaces(features: features) { places in
            for place in places where lengths[place] > 0 {
              let row = layout.order[place]
              for j in 0..<features {
                dx.row(Int(sources[row * features + j]))[j] = dy.row(row)[j]
              }
            }
          }
        }
      }
      return [.dense(dx)]
    }
  }
}
