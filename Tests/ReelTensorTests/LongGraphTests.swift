import ReelTensor
import ReelTestSupport
import Testing

/// Two hundred thousand operations in a row: recursion anywhere would overflow the stack, so each
/// test runs in a process of its own.
@Suite struct LongGraphTests {
  static let length = 200_000

  @Test func forwardBackwardAndRelease() async {
    await #expect(processExitsWith: .success) {
      let (value, gradients) = valueAndGradient(at: [Tensor(1)]) { x in
        var y = x[0]
        for _ in 0..<Self.length { y = y + 1 }
        return y
      }
      #expect(value.scalar == Float(Self.length + 1))
      #expect(gradients[0]?.tensor.scalar == 1)
    }
  }

  @Test func aChainThatTheLossDoesNotUse() async {
    await #expect(processExitsWith: .success) {
      let (_, gradients) = valueAndGradient(at: [Tensor(1)]) { x in
        var y = x[0]
        for _ in 0..<Self.length { y = y + x[0] }
        return x[0] * 2
      }
      #expect(gradients[0]?.tensor.scalar == 2)
    }
  }

  @Test func aChainThatAnErrorAbandons() async {
    await #expect(processExitsWith: .success) {
      #expect(throws: TapeTests.Refusal.self) {
        try valueAndGradient(at: [Tensor(1)]) { x -> Tensor in
          var y = x[0]
          for _ in 0..<Self.length { y = y * 1.0001 + x[0] }
          throw TapeTests.Refusal()
        }
      }
    }
  }

  @Test func aChainThatLeavesTheClosure() async {
    await #expect(processExitsWith: .success) {
      var kept: Tensor? = valueAndGradient(at: [Tensor(1)]) { x in
        var y = x[0]
        for _ in 0..<Self.length { y = y + 1 }
        return (x[0].squared(), y)
      }.extra
      #expect(kept?.isWatched == false)
      kept = nil
    }
  }

  @Test func oneValueWithManyUses() {
    let count = 2000
    let gradient = valueAndGradient(at: [Tensor(3)]) { x in
      let uses = (0..<count).map { _ in (x[0] * 2).reshaped([1]) }
      return Tensor.concatenated(uses).sum()
    }.gradients[0]
    #expect(gradient?.tensor.scalar == Float(2 * count))
  }
}
