import Dispatch
import ReelTensor
import ReelTestSupport
import Synchronization
import Testing

/// Products that are made when they are asked for.
@Suite struct DeferredProductTests {
  @Test(arguments: [(1, 1, 1), (5, 3, 8), (700, 33, 130), (4, 0, 3)])
  func allOrSomeRows(rows: Int, k: Int, columns: Int) {
    var random = TestRandom(501)
    let (a, b) = (random.tensor([rows, k]), random.tensor([k, columns]))
    let exact = DoubleTensor(a).product(DoubleTensor(b))
    let product = DeferredProduct(a, b)
    for range in [0..<rows, rows / 3..<rows, rows / 2..<rows / 2] {
      let part = Tensor.build(shape: [range.count, columns]) { target in
        target.update(repeating: .nan)
        if let base = target.baseAddress { product.write(range, to: base) }
      }
      let expected = exact.values[range.lowerBound * columns..<range.upperBound * columns]
      #expect(zip(part.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
    #expect(!product.isMade)
    let whole = Tensor(shape: [rows, columns], storage: Storage(product))
    #expect(difference(whole, exact, tolerance: 1e-5, what: "whole") == nil)
    #expect(product.isMade)
    // From now on the rows are copies.
    let last = Tensor.build(shape: [1, columns]) { target in
      if let base = target.baseAddress { product.write(rows - 1..<rows, to: base) }
    }
    #expect(last.values == Array(whole.values.suffix(columns)))
  }

  /// Once the values are there the factors are nobody's, and whoever has the values alone writes into them.
  @Test func factorsAreLetGo() {
    var random = TestRandom(502)
    var (a, b) = (random.tensor([6, 2]), random.tensor([2, 9]))
    var whole = Tensor(shape: [6, 9], storage: Storage(DeferredProduct(a, b)))
    #expect(!a.hasStorageAlone() && !b.hasStorageAlone())
    let expected = whole.values
    #expect(a.hasStorageAlone() && b.hasStorageAlone())
    whole.withUnsafeMutableValues { $0[0] += 1 }
    let changed = [expected[0] + 1] + expected.dropFirst()
    #expect(whole.values == changed)
    let copy = whole
    whole.withUnsafeMutableValues { $0[0] += 1 }
    #expect(copy.values == changed && whole.values != changed)
  }

  /// As exact as products were asked to be where it came from, not where it is read.
  @Test func precisionOfWhereItIsMade() {
    var random = TestRandom(503)
    let (a, b) = (random.tensor([300, 64]), random.tensor([64, 256]))
    func product() -> Tensor {
      Tensor(shape: [300, 256], storage: Storage(DeferredProduct(a, b)))
    }
    let values = ProductPrecision.allCases.map { precision in
      let (now, later) = ProductPrecision.with(precision) { (product().values, product()) }
      let isOfItsMaking = later.values == now
      let after = product()
      let isOfItsReading = ProductPrecision.with(precision) { after.values } != product().values
      // A failed comparison of so many values would be printed for minutes.
      #expect(isOfItsMaking && !isOfItsReading, "\(precision)")
      return now
    }
    // Where nothing is split the precisions are one.
    let areDifferent = values[0] != values[2]
    #expect(areDifferent == ProductPrecision.with(.medium) { splitProducts != nil })
  }

  /// Several threads ask for the values at the same time, some from within work that is divided itself; the
  /// product is large enough to be divided, too.
  @Test func manyReadersAtOnce() {
    var random = TestRandom(504)
    let (a, b) = (random.tensor([600, 64]), random.tensor([64, 128]))
    let expected = Tensor.matrixProduct(a, b).values
    for _ in 0..<20 {
      let whole = Tensor(shape: [600, 128], storage: Storage(DeferredProduct(a, b)))
      let wrong = Mutex(0)
      @Sendable func read() { if whole.values != expected { wrong.withLock { $0 += 1 } } }
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        Threads.forEach(4) { _ in read() }
      }
      #expect(wrong.withLock { $0 } == 0)
    }
  }

  /// The gradient of the input of an affine map to few outputs, in whatever shape; not of one to many. What
  /// comes out of `valueAndGradient` has been made.
  @Test(arguments: [(8, 4), (8, 5), (1, 1), (300, 2)])
  func gradientsOfNarrowAffineMaps(inputs: Int, outputs: Int) {
    var random = TestRandom(505)
    let x = random.tensor([2, 15, inputs])
    let weight = random.tensor([outputs, inputs])
    let passed = Mutex<Bool?>(nil)
    let found = valueAndGradient(at: [x]) { x in
      let rows = x[0].reshaped([30, inputs])
      let seen = record(rows.detached(), from: [rows]) { gradient in
        passed.withLock { $0 = gradient.storage.deferred != nil }
        return [.dense(gradient)]
      }
      return seen.affineMap(weight: weight, bias: nil).squared().sum()
    }.gradients[0]?.tensor
    #expect(passed.withLock { $0 } == (inputs >= 2 * outputs))
    #expect(found?.shape == x.shape && found?.storage.deferred == nil)
    let y = DoubleTensor(x.reshaped([30, inputs])).product(DoubleTensor(weight).transposed())
    let exact = y.product(DoubleTensor(weight))
    #expect(
      zip(found?.values ?? [], exact.values).allSatisfy {
        abs(Double($0) - 2 * $1) < 1e-5 * max(1, abs($1))
      })
  }

  /// A value that is used twice has the sum of two such gradients.
  @Test func sumsOfThem() {
    var random = TestRandom(506)
    let x = random.tensor([20, 12])
    let weights = [random.tensor([3, 12]), random.tensor([2, 12])]
    func gradient(_ weights: [Tensor]) -> [Float] {
      valueAndGradient(at: [x]) { x in
        weights.map { x[0].affineMap(weight: $0, bias: nil).sum() }.reduce(Tensor(0), +)
      }.gradients[0]?.tensor.values ?? []
    }
    let expected = zip(gradient([weights[0]]), gradient([weights[1]])).map { $0 + $1 }
    let found = gradient(weights)
    #expect(found.count == 240 && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
