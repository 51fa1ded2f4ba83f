import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct ModuleGradientTests {
  struct Refusal: Error {}

  @Test func oneEntryForEachParameterInOrder() {
    let sample = Sample()
    let (value, gradients) = valueAndGradient(of: sample) { $0([1, 3, 3]).squared().sum() }
    #expect(value.origin == nil && value.scalar > 0)
    #expect(gradients.entries.map(\.path) == ModuleTests.paths)
    for (entry, parameter) in zip(gradients.entries, sample.parameters) {
      #expect(entry.shape == parameter.tensor.shape)
      #expect(entry.gradient?.shape == parameter.tensor.shape)
    }
    guard case .rows(let rows) = gradients["embedding.weight"] else {
      Issue.record("an embedding's gradient holds rows")
      return
    }
    #expect(rows.indices == [1, 3])
    #expect(gradients["no.such.path"] == nil)
  }

  @Test func aParameterThatIsNotUsedHasNone() {
    let (_, gradients) = valueAndGradient(of: Sample()) { $0.embedding([1]).sum() }
    #expect(gradients["embedding.weight"] != nil)
    #expect(gradients.entries.filter { $0.gradient != nil }.count == 1)
    #expect(gradients.entries.count == ModuleTests.paths.count)
  }

  @Test func theModelItselfStaysUnwatchedAndUnchanged() {
    let sample = Sample()
    let before = sample.parameters.map(\.tensor)
    let (_, copy, _) = valueAndGradient(of: sample) { model in
      #expect(model.parameters.allSatisfy { $0.tensor.isWatched })
      return (model([0]).sum(), model)
    }
    #expect(sample.parameters.allSatisfy { $0.tensor.origin == nil })
    #expect(sample.parameters.map(\.tensor) == before)
    #expect(copy.parameters.allSatisfy { !$0.tensor.isWatched })
  }

  @Test func gradientsOfTheWholeModel() {
    let sample = Sample()
    let parameters = sample.parameters
    func loss(_ model: Sample) -> Tensor { crossEntropy(model([1, 3, 3, 5]), [0, 2, 1, -1]) }
    let (_, gradients) = valueAndGradient(of: sample) { loss($0) }
    // Central differences of the Float model itself: coarse, but of every parameter.
    for (number, entry) in gradients.entries.enumerated() {
      let values = entry.gradient?.tensor.values ?? []
      #expect(values.count == parameters[number].tensor.count)
      for index in values.indices {
        func moved(_ step: Float) -> Double {
          var model = sample
          model.updateParameters { path, parameter in
            if path == entry.path { parameter.withMutableValues { $0[index] += step } }
          }
          return Double(loss(model).scalar)
        }
        let numeric = (moved(0.01) - moved(-0.01)) / 0.02
        #expect(abs(numeric - Double(values[index])) < 2e-3, "\(entry.path) \(index)")
      }
    }
  }

  @Test func anErrorComesOut() {
    #expect(throws: Refusal.self) {
      _ = try valueAndGradient(of: Sample()) { _ -> Tensor in throw Refusal() }
    }
  }

  @Test func aStateIsPassedOn() {
    var state = Tensor(zeros: [4])
    let layer = LayerNorm(4)
    for _ in 0..<3 {
      let result = valueAndGradient(of: layer) { layer in
        let next = layer(state + Tensor(shape: [4], values: [1, 2, 3, 5]))
        return (next.squared().sum(), next)
      }
      state = result.extra
      #expect(!state.isWatched)
      #expect(result.gradients["weight"] != nil && result.gradients["bias"] != nil)
    }
  }

  @Test func descentReducesTheLoss() {
    var sample = Sample()
    func loss(_ model: Sample) -> Tensor { crossEntropy(model([0, 1, 2, 3]), [0, 1, 2, 0]) }
    let start = loss(sample).scalar
    for _ in 0..<60 {
      let (_, gradients) = valueAndGradient(of: sample) { loss($0) }
      sample.updateParameters { path, parameter in
        guard let gradient = gradients[path] else { return }
        parameter = parameter - gradient.tensor * 0.2
      }
    }
    #expect(loss(sample).scalar < start / 10)
  }
}
