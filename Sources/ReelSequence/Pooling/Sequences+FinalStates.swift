import ReelLayers
import ReelTensor

extension Sequences {
  /// What each direction of a recurrent network knew at its own end, [batch, feature]; zeros for an
  /// empty sequence.
  ///
  /// Forward features are those of the sequence's own last time step. Backward features are those of
  /// the first one, for that is where the backward direction ends. Of both directions the forward
  /// half of the features is taken from the last step and the backward half from the first:
  /// y = [x_T forward ‖ x_1 backward].
  public func finalStates(_ directions: RecurrentDirections) -> Tensor {
    let (layout, features) = (layout, featureCount)
    precondition(
      features % directions.count == 0,
      "finalStates: \(features) features of \(directions.count) directions, a multiple is expected")
    // Features before this one are read at the last step, the others at the first.
    let forward =
      switch directions {
      case .forward: features
      case .backward: 0
      case .bidirectional: features / 2
      }
    let lengths = layout.placeLengths
    let y = Tensor.rows([layout.batch, features]) { y in
      values.withRows { x in
        layout.forEachPlaces(features: 2 * features) { places in
          for place in places where lengths[place] > 0 {
            let row = y.row(layout.order[place])
            let last = x.row(layout.offsets[lengths[place] - 1] + place)
            row.update(from: last, count: forward)
            (row + forward).update(from: x.row(place) + forward, count: features - forward)
          }
        }
      }
    }
    return record(y, from: [values]) { gradient in
      let dx = Tensor.rows([layout.total, features]) { dx in
        gradient.withRows { dy in
          layout.forEachPlaces(features: 2 * features) { places in
            for place in places where lengths[place] > 0 {
              let row = dy.row(layout.order[place])
              dx.row(layout.offsets[lengths[place] - 1] + place).update(from: row, count: forward)
              (dx.row(place) + forward).update(from: row + forward, count: features - forward)
            }
          }
        }
      }
      return [.dense(dx)]
    }
  }
}
