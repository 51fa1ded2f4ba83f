import ReelLayers
import ReelTensor

extension LinearChainCRF {
  /// log Z of each sequence, in the user's order; 0 for one of no time steps.
  public func logPartition(_ emissions: Sequences) -> [Double] {
    check(emissions)
    let scores = ChainScores(self)
    return collect(emissions) { places, emissions, set in
      let pass = ChainPass(scores, emissions, longest: emissions.length(places.lowerBound))
      for place in places {
        pass.forward(place)
        set(place, pass.logPartition)
      }
    } empty: {
      0
    }
  }

  /// p(y_t = j) at every time step, [batch, time, T]. Nobody's gradient passes through.
  public func marginals(_ emissions: Sequences) -> Sequences {
    check(emissions)
    let scores = ChainScores(self)
    let result = Storage(count: emissions.values.count)
    forEachPiece(of: emissions) { _, places, emissions in
      let pass = ChainPass(scores, emissions, longest: emissions.length(places.lowerBound))
      for place in places {
        pass.forward(place)
        pass.backward { step in
          result.pointer + (emissions.layout.offsets[step] + place) * emissions.tags
        }
      }
    }
    return Sequences(
      values: Tensor(shape: emissions.values.shape, storage: result), layout: emissions.layout)
  }
}
