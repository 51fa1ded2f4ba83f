import CReelKernels
import Testing

/// Convolutions over time on planes, and the end of a residual block, against loops in Double.
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

  @Test(arguments: KernelSet.available)
  func endOfAResidualBlock(_ set: KernelSet) {
    var generator = TestGenerator(seed: 33)
    for (m, n) in [(1, 1), (3, 16), (5, 37), (2, 0), (4, 100)] {
      let (ld, ldFlags) = (n + 3, n + 5)
      // What a rectifier left: many values are 0.
      let h = generator.matrix(m, n, leadingDimension: ld).map { max($0, 0) }
      let x = generator.matrix(m, n, leadingDimension: ld)
      let dy = generator.matrix(m, n, leadingDimension: ld)
      let before = generator.matrix(m, n, leadingDimension: ld)
      var y = [Float](repeating: .nan, count: m * ld)
      var unmarked = y
      var flags = [UInt8](repeating: 7, count: m * ldFlags)
      set.kernels.residual_forward(m, n, h, ld, x, ld, &y, ld, &flags, ldFlags)
      set.kernels.residual_forward(m, n, h, ld, x, ld, &unmarked, ld, nil, 0)
      var dh = [Float](repeating: .nan, count: m * ld)
      set.kernels.residual_backward(m, n, y, ld, dy, ld, flags, ldFlags, &dh, ld)
      var dx = before
      set.kernels.add_rectified(m, n, y, ld, dy, ld, &dx, ld)
      for row in 0..<m {
        for column in 0..<n {
          let index = row * ld + column
          let sum = max(h[index] + x[index], 0)
          let (passes, inner) = (sum > 0, h[index] > 0)
          #expect(y[index] == sum && unmarked[index] == sum)
          #expect((flags[row * ldFlags + column] != 0) == inner)
          #expect(dh[index] == (passes && inner ? dy[index] : 0))
          #expect(dx[index] == before[index] + (passes ? dy[index] : 0))
        }
        #expect(flags[(row * ldFlags + n)..<(row + 1) * ldFlags].allSatisfy { $0 == 7 })
      }
      for values in [y, unmarked, dh] { #expect(gapsUntouched(values, n, leadingDimension: ld)) }
    }
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
