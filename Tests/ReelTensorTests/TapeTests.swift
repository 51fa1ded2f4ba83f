import ReelTensor
import Testing

/// What leaves `valueAndGradient` is cut off from it.
@Suite struct TapeTests {
  struct Refusal: Error {}
  let x = Tensor(shape: [2], values: [1, 2])

  @Test func aStateThatLeavesIsNoLongerWatched() {
    let (value, state, _) = valueAndGradient(at: [x]) { watched in
      let state = watched[0] * 3
      return (state.sum(), state)
    }
    #expect(!value.isWatched && value.origin == nil)
    #expect(!state.isWatched)
    #expect((state + 1).origin == nil)
    // The next window takes it: its gradient goes to the new input alone.
    let (_, next, gradients) = valueAndGradient(at: [x]) { watched in
      let next = state * watched[0]
      return (next.sum(), next)
    }
    #expect(gradients[0]?.tensor.values == [3, 6])
    #expect(!next.isWatched && next.values == [3, 12])
  }

  @Test func manyWindowsInARow() {
    var state = Tensor(shape: [2], values: [0, 0])
    for _ in 0..<1000 {
      let result = valueAndGradient(at: [x]) { watched in
        let next = (state + watched[0]) * 0.5
        return (next.sum(), next)
      }
      state = result.extra
      #expect(result.gradients[0]?.tensor.values == [0.5, 0.5])
    }
    #expect(abs(state.values[0] - 1) < 1e-6 && abs(state.values[1] - 2) < 1e-6)
  }

  @Test func anErrorInsideTheClosureClosesTheTape() {
    var escaped = x
    #expect(throws: Refusal.self) {
      try valueAndGradient(at: [x]) { watched -> Tensor in
        escaped = watched[0] * 2
        #expect(escaped.isWatched)
        throw Refusal()
      }
    }
    #expect(!escaped.isWatched)
    #expect((escaped + 1).origin == nil)
    let gradient = valueAndGradient(at: [x]) { ($0[0] * escaped).sum() }.gradients[0]
    #expect(gradient?.tensor.values == [2, 4])
  }

  @Test func aCallInsideACall() {
    let (outer, gradients) = valueAndGradient(at: [x]) { watched in
      // The inner call watches its own copy; its gradient is a plain value out here.
      let inner = valueAndGradient(at: [x]) { $0[0].squared().sum() }
      let slope = inner.gradients[0]?.tensor ?? x
      #expect(!slope.isWatched)
      return (watched[0] * slope).sum()
    }
    #expect(outer.scalar == 10)
    #expect(gradients[0]?.tensor.values == [2, 4])
  }

  /// The memory of a step is free when its results are gone.
  @Test func nothingIsKeptAfterwards() async {
    await #expect(processExitsWith: .success) {
      let weights = Tensor(repeating: 0.5, shape: [64, 64])
      func step() -> Float {
        valueAndGradient(at: [weights]) { w in
          Tensor.matrixProduct(w[0], w[0]).tanh().squared().sum()
        }.value.scalar
      }
      _ = step()
      let before = MemoryPool.statistics.bytesInUse
      for _ in 0..<10 { _ = step() }
      #expect(MemoryPool.statistics.bytesInUse == before)
    }
  }
}
