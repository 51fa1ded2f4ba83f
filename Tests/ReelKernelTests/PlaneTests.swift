import CReelKernels
import Testing

/// Convolutions over time on planes against loops in Double.
@Suite struct PlaneTests {
  @Test(arguments: KernelSet.available)
  func convolution(_ set: KernelSet) {
    var generator = TestGenerator(seed: 31)
    for (outputs, columns, inputs, taps) in [
      (1, 1, 1, 1), (25, 100, 25, 7), (9, 48, 3, 2), (6, 17, 5, 3), (130, 33, 9, 2), (3, 5, 4, 0),
      (0, 4, 2, 1), (4, 0, 2, 1), (17, 64, 1, 3),
    ] {
      let (ld, ldw, ldy) = (columns + 40, inputs + 3, columns + 5)
      // What stands behind the columns may be read, and must not be used.
      let planes = (0..<taps).map { _ in generator.matrix(inputs, columns, leadingDimension: ld) }
      let weights = (0..<taps).map { _ in generator.matrix(outputs, inputs, leadingDimension: ldw) }
      let bias = generator.values(outputs)
      for (hasBias, rectified) in [(true, false), (false, true)] {
        var y = [Float](repeating: .nan, count: outputs * ldy)
        withPointers(planes) { x in
          withPointers(weights) { w in
            let sources = (0..<taps).map {
              reel_plane_tap(x: x[$0], ld: ld, w: w[$0], ldw: ldw)
            }
            bias.withUnsafeBufferPointer { bias in
              set.kernels.convolve_planes(
                outputs, columns, inputs, taps, sources, hasBias ? bias.baseAddress : nil,
                rectified, &y, ldy)
            }
          }
        }
        for output in 0..<outputs {
          for column in 0..<columns {
            var (sum, scale) = (hasBias ? Double(bias[output]) : 0, 1.0)
            for tap in 0..<taps {
              for input in 0..<inputs {
                let term =
                  Double(weights[tap][output * ldw + input])
                  * Double(planes[tap][input * ld + column])
                sum += term
                scale += abs(term)
              }
            }
            if rectified { sum = max(sum, 0) }
            let came = Double(y[output * ldy + column])
            #expect(abs(came - sum) <= 1e-6 * scale, "\(set.name) \(outputs)×\(columns)")
          }
        }
        #expect(gapsUntouched(y, columns, leadingDimension: ldy))
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func productsOfRows(_ set: KernelSet) {
    var generator = TestGenerator(seed: 32)
    for (m, p, n) in [
      (1, 1, 1), (25, 25, 100), (6, 4, 64), (5, 7, 15), (13, 9, 260), (3, 2, 0), (0, 3, 4),
      (3, 0, 4),
    ] {
      let (lda, ldb, ldc) = (n + 3, n + 1, p + 2)
      let a = generator.matrix(m, n, leadingDimension: lda)
      let b = generator.matrix(p, n, leadingDimension: ldb)
      let before = generator.matrix(m, p, leadingDimension: ldc)
      var c = before
      set.kernels.multiply_rows(m, p, n, a, lda, b, ldb, &c, ldc)
      for i in 0..<m {
        for j in 0..<p {
          let terms = (0..<n).map { Double(a[i * lda + $0]) * Double(b[j * ldb + $0]) }
          let expected = terms.reduce(Double(before[i * ldc + j]), +)
          let scale = terms.reduce(1) { $0 + abs($1) }
          #expect(
            abs(Double(c[i * ldc + j]) - expected) <= 1e-6 * scale, "\(set.name) \(m)×\(p)×\(n)")
        }
      }
      #expect(gapsUntouched(c, p, leadingDimension: ldc))
    }
  }

  @Test(arguments: KernelSet.available)
  func copies(_ set: KernelSet) {
    var generator = TestGenerator(seed: 34)
    let (channels, columns, ldx, ldy) = (5, 60, 63, 70)
    let x = generator.matrix(channels, columns, leadingDimension: ldx)
    let runs = [(3, 0, 1), (10, 1, 20), (0, 22, 0), (28, 30, 32), (59, 62, 1)]
    var y = [Float](repeating: -7, count: channels * ldy)
    let list = runs.map { reel_plane_run(source: $0.0, target: $0.1, count: $0.2) }
    set.kernels.copy_plane_runs(channels, list.count, list, x, ldx, &y, ldy)
    var expected = [Float](repeating: -7, count: channels * ldy)
    for channel in 0..<channels {
      for (source, target, count) in runs {
        for index in 0..<count {
          expected[channel * ldy + target + index] = x[channel * ldx + source + index]
        }
      }
    }
    #expect(y == expected, "\(set.name)")
  }
}

/// The address of each array, valid inside `body`.
private func withPointers(_ arrays: [[Float]], _ body: ([UnsafePointer<Float>]) -> Void) {
  func open(_ index: Int, _ found: [UnsafePointer<Float>]) {
    guard index < arrays.count else { return body(found) }
    arrays[index].withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      open(index + 1, found + [base])
    }
  }
  open(0, [])
}
