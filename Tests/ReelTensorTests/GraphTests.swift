import Foundation
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct GraphTests {
  let x = Tensor(shape: [3], values: [0.5, -1, 2])

  @Test func aValueUsedTwice() {
    let gradient = valueAndGradient(at: [x]) { ($0[0] * $0[0] + $0[0]).sum() }.gradients[0]
    #expect(gradient?.tensor.values == [2, -1, 5])
    let quotient = valueAndGradient(at: [x]) { ($0[0] / $0[0]).sum() }.gradients[0]
    #expect(quotient?.tensor.values == [0, 0, 0])
    let difference = valueAndGradient(at: [x]) { ($0[0] - $0[0]).sum() }.gradients[0]
    #expect(difference?.tensor.values == [0, 0, 0])
  }

  @Test func aDiamond() {
    let found = problems(
      "diamond", [x],
      operation: { x in
        let shared = x[0].tanh()
        let (left, right) = (shared.exp(), shared.squared())
        return left * right + shared
      },
      oracle: { x in
        let shared = x[0].map { Foundation.tanh($0) }
        return shared.map { Foundation.exp($0) } * shared.map { $0 * $0 } + shared
      })
    #expect(found == [])
  }

  /// The same inner value feeds branches of different depth: its backward pass must wait for all.
  @Test func branchesOfDifferentDepth() {
    let gradient = valueAndGradient(at: [x]) { x in
      let base = x[0] * 2
      var long = base
      for _ in 0..<10 { long = long + 1 }
      return (long * base + base).sum()
    }.gradients[0]
    // f = (2x + 10)·2x + 2x, f' = 8x + 22.
    #expect(gradient?.tensor.values == [26, 14, 38])
  }

  @Test func anInputThatIsNotUsedHasNoGradient() {
    let (value, gradients) = valueAndGradient(at: [x, x]) { $0[1].sum() }
    #expect(value.scalar == 1.5)
    #expect(gradients[0] == nil)
    #expect(gradients[1]?.tensor.values == [1, 1, 1])
  }

  @Test func aBranchThatIsNotUsedAddsNothing() {
    let gradient = valueAndGradient(at: [x]) { x in
      _ = x[0].exp().sum()
      return (x[0] * 3).sum()
    }.gradients[0]
    #expect(gradient?.tensor.values == [3, 3, 3])
  }

  @Test func aLossThatIsAnInput() {
    let (value, gradients) = valueAndGradient(at: [Tensor(4), x]) { $0[0] }
    #expect(value.scalar == 4)
    #expect(gradients[0]?.tensor.scalar == 1)
    #expect(gradients[1] == nil)
    let shaped = valueAndGradient(at: [Tensor(shape: [1, 1], values: [4])]) { $0[0] }
    #expect(shaped.gradients[0]?.tensor.shape == [1, 1])
  }

  @Test func aLossThatDependsOnNothing() {
    let (value, gradients) = valueAndGradient(at: [x]) { _ in Tensor(7) }
    #expect(value.scalar == 7)
    #expect(gradients.count == 1 && gradients[0] == nil)
    let detached = valueAndGradient(at: [x]) { $0[0].detached().sum() }
    #expect(detached.gradients[0] == nil)
  }

  @Test func aLossOfSeveralValuesEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = valueAndGradient(at: [Tensor(zeros: [2])]) { $0[0] }
    }
  }

  @Test func oneOutputOfSeveral() {
    let gradient = valueAndGradient(at: [x]) { x in
      let outputs = record([x[0].detached() * 2, x[0].detached() * 3], from: [x[0]]) { gradients in
        #expect(gradients[0] == nil)
        return gradients[1].map { [.dense($0 * 3)] } ?? [nil]
      }
      return outputs[1].sum()
    }.gradients[0]
    #expect(gradient?.tensor.values == [3, 3, 3])
  }

  @Test func nobodyWatchesNothingIsRecorded() {
    let table = Tensor(zeros: [2, 3])
    for result in [
      x + x, x * 2, x.exp(), x.sum(), table.sum(axis: 0), table.softmax(), table.transposed(),
      table.reshaped([3, 2]), table.slice(0..<1), .concatenated([x, x]), table.gatheredRows([1]),
      .matrixProduct(table, table, transposingB: true),
      table.crossEntropySum([0, 1], smoothing: 0),
      table.affineMap(weight: table, bias: nil),
      table.layerNormalized(gain: x, bias: x, epsilon: 1),
    ] {
      #expect(result.origin == nil)
    }
    // Inside a closure as well, where other values are watched.
    _ = valueAndGradient(at: [x]) { watched in
      #expect(watched[0].isWatched)
      #expect((watched[0] + 1).isWatched)
      #expect((x + 1).origin == nil)
      return watched[0].sum()
    }
  }

  @Test func aWriteEndsWatching() {
    let gradient = valueAndGradient(at: [x]) { watched in
      var changed = watched[0]
      changed.withUnsafeMutableValues { $0[0] = 9 }
      #expect(!changed.isWatched)
      return (changed + watched[0]).sum()
    }.gradients[0]
    #expect(gradient?.tensor.values == [1, 1, 1])
    #expect(x.values == [0.5, -1, 2])
  }

  @Test func theGradientOfOneStepIsAnInputOfTheNext() {
    let first = valueAndGradient(at: [x]) { $0[0].squared().sum() }
    let step = first.gradients[0]?.tensor ?? x
    let second = valueAndGradient(at: [step]) { ($0[0] * 2).sum() }
    #expect(second.gradients[0]?.tensor.values == [2, 2, 2])
  }
}
