import ReelLayers
import ReelTensor

extension Sequences {
  /// The mean over the time steps of each sequence, [batch, feature]; zeros for an empty one.
  ///
  /// yᵦ = (1/Tᵦ) Σ_t xᵦₜ; backward: ∂xᵦₜ = ∂yᵦ / Tᵦ.
  public func meanPooled() -> Tensor {
    let (layout, features) = (layout, featureCount)
    let lengths = layout.placeLengths
    let y = Tensor.rows([layout.batch, features]) { y in
      values.withRows { x in
        layout.forEachPlaces(features: features) { places in
          for place in places where lengths[place] > 0 {
            let sum = y.row(layout.order[place])
            for time in 0..<lengths[place] {
              kernels.add(features, sum, x.row(layout.offsets[time] + place), sum)
            }
            kernels.scale_add(features, 1 / Float(lengths[place]), 0, sum, sum)
          }
        }
      }
    }
    return record(y, from: [values]) { gradient in
      let dx = Tensor.rows([layout.total, features]) { dx in
        gradient.withRows { dy in
          layout.forEachPlaces(features: features) { places in
            for place in places {
              for time in 0..<lengths[place] {
                kernels.scale_add(
                  features, 1 / Float(lengths[place]), 0, dy.row(layout.order[place]),
                  dx.row(layout.offsets[time] + place))
              }
            }
          }
        }
      }
      return [.dense(dx)]
    }
  }
}
