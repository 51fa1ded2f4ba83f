import CReelKernels
import Testing

/// Weighted sums and maxima of rows, and their ways back.
@Suite struct RowLineTests {
  /// A line of positions with random taps, and rows of `columns` values with room between them.
  struct Case {
    let positions = 5
    let inputRows = 40
    let columns: Int
    let stride: Int
    let outerRows: [Int32]
    let outerWeights: [Float]
    let offsets: [Int32]
    let rows: [Int32]
    let weights: [Float]
    let x: [Float]

    init(columns: Int, _ generator: inout TestGenerator) {
      self.columns = columns
      stride = columns + 3
      outerRows = [0, 10, 20]
      outerWeights = generator.values(3)
      // The third position takes nothing.
      offsets = [0, 2, 5, 5, 6, 9]
      rows = (0..<9).map { _ in Int32.random(in: 0..<10, using: &generator) }
      weights = generator.values(9)
      x = generator.matrix(inputRows, columns, leadingDimension: stride)
    }

    func withLine<R>(_ body: (UnsafePointer<reel_row_line>) -> R) -> R {
      outerRows.withUnsafeBufferPointer { outerRows in
        outerWeights.withUnsafeBufferPointer { outerWeights in
          offsets.withUnsafeBufferPointer { offsets in
            rows.withUnsafeBufferPointer { rows in
              weights.withUnsafeBufferPointer { weights in
                var line = reel_row_line()
                line.outer_count = outerRows.count
                line.outer_rows = outerRows.baseAddress
                line.outer_weights = outerWeights.baseAddress
                line.offsets = offsets.baseAddress
                line.rows = rows.baseAddress
                line.weights = weights.baseAddress
                return withUnsafePointer(to: &line) { body($0) }
              }
            }
          }
        }
      }
    }

    /// The rows that a position reads, with their factors.
    func sources(_ position: Int) -> [(row: Int, weight: Double)] {
      outerRows.indices.flatMap { outer in
        (Int(offsets[position])..<Int(offsets[position + 1])).map { inner in
          (
            Int(outerRows[outer] + rows[inner]),
            Double(outerWeights[outer]) * Double(weights[inner])
          )
        }
      }
    }
  }

  static let columnCounts = [1, 3, 8, 15, 16, 17, 64, 70, 130]

  @Test(arguments: KernelSet.available) func sums(_ set: KernelSet) {
    var generator = TestGenerator(seed: 401)
    for columns in Self.columnCounts {
      let test = Case(columns: columns, &generator)
      var y = [Float](repeating: .nan, count: test.positions * test.stride)
      test.withLine {
        set.kernels.combine_rows(
          test.positions, columns, $0, test.x, test.stride, &y, test.stride)
      }
      let expected = (0..<test.positions).flatMap { position in
        (0..<columns).map { column in
          test.sources(position).reduce(0) {
            $0 + $1.weight * Double(test.x[$1.row * test.stride + column])
          }
        }
      }
      let came = packedRows(y, test.positions, columns, leadingDimension: test.stride)
      #expect(greatestError(came, expected) < 1e-6)
      #expect(gapsUntouched(y, columns, leadingDimension: test.stride))
    }
  }

  @Test(arguments: KernelSet.available) func maxima(_ set: KernelSet) {
    var generator = TestGenerator(seed: 402)
    for columns in Self.columnCounts {
      let test = Case(columns: columns, &generator)
      let count = test.positions * test.stride
      var (y, alone) = (
        [Float](repeating: .nan, count: count), [Float](repeating: .nan, count: count)
      )
      var chosen = [Int32](repeating: -7, count: count)
      test.withLine { line in
        set.kernels.maximum_of_rows(
          test.positions, columns, line, test.x, test.stride, &y, &chosen, test.stride)
        set.kernels.maximum_of_rows(
          test.positions, columns, line, test.x, test.stride, &alone, nil, test.stride)
      }
      #expect(identical(y, alone))
      #expect(gapsUntouched(y, columns, leadingDimension: test.stride))
      for position in 0..<test.positions {
        for column in 0..<columns {
          let place = position * test.stride + column
          let values = test.sources(position).map { test.x[$0.row * test.stride + column] }
          #expect(y[place] == values.max() ?? -.infinity)
          let first = values.indices.first { values[$0] == y[place] }
          #expect(chosen[place] == first.map { Int32(test.sources(position)[$0].row) } ?? -1)
        }
      }
      // Back: every output goes to the row that it came from, and that row gives it again.
      let dy = generator.matrix(test.positions, columns, leadingDimension: test.stride)
      var picked = [Float](repeating: .nan, count: count)
      set.kernels.gather_chosen(
        test.positions, columns, test.x, test.stride, chosen, &picked, test.stride)
      let wanted = y.map { $0 == -.infinity ? 0 : $0 }
      #expect(identical(picked, wanted))
      var dx = [Float](repeating: .nan, count: test.inputRows * test.stride)
      spread(test, set, dy: dy, chosen: chosen, into: &dx)
      var expected = [Double](repeating: 0, count: test.inputRows * columns)
      for position in 0..<test.positions {
        for column in 0..<columns where chosen[position * test.stride + column] >= 0 {
          expected[Int(chosen[position * test.stride + column]) * columns + column] += Double(
            dy[position * test.stride + column])
        }
      }
      let came = packedRows(dx, test.inputRows, columns, leadingDimension: test.stride)
      #expect(greatestError(came, expected) < 1e-6)
    }
  }

  /// Every input row asks all positions of the line.
  private func spread(
    _ test: Case, _ set: KernelSet, dy: [Float], chosen: [Int32], into dx: inout [Float]
  ) {
    let offsets = (0...test.inputRows).map { Int32($0 * test.positions) }
    let rows = (0..<test.inputRows).flatMap { _ in (0..<Int32(test.positions)).map { $0 } }
    let outer: [Int32] = [0]
    outer.withUnsafeBufferPointer { outer in
      offsets.withUnsafeBufferPointer { offsets in
        rows.withUnsafeBufferPointer { rows in
          var line = reel_row_line()
          (line.outer_count, line.outer_rows) = (1, outer.baseAddress)
          (line.offsets, line.rows) = (offsets.baseAddress, rows.baseAddress)
          set.kernels.spread_to_chosen(
            test.inputRows, test.columns, 0, &line, dy, chosen, test.stride, &dx, test.stride)
        }
      }
    }
  }

  /// Windows of two by two, and positions twice, have ways of their own with the same bits.
  @Test(arguments: KernelSet.available) func pairs(_ set: KernelSet) {
    var generator = TestGenerator(seed: 403)
    let width = 6
    for columns in [1, 3, 6, 8, 9, 16, 17, 70] {
      var x = generator.values(4 * width * columns)
      (x[0], x[columns]) = (.nan, x[0])
      func line(
        _ pattern: Int, _ outer: [Int32], positions: Int,
        _ body: (UnsafePointer<reel_row_line>) -> Void
      ) {
        let doubled = pattern == REEL_LINE_DOUBLED || outer.count == 1
        let offsets = (0...positions).map { Int32(doubled ? min($0, positions / 2 * 2) : 2 * $0) }
        let rows = (0..<Int(offsets[positions])).map { Int32(doubled ? $0 / 2 : $0) }
        let weights = [Float](repeating: 0.3, count: rows.count)
        let outerWeights: [Float] = [0.7, 0.9]
        var form = reel_row_line()
        (form.outer_count, form.pattern) = (outer.count, Int32(pattern))
        outer.withUnsafeBufferPointer { outer in
          outerWeights.withUnsafeBufferPointer { outerWeights in
            offsets.withUnsafeBufferPointer { offsets in
              rows.withUnsafeBufferPointer { rows in
                weights.withUnsafeBufferPointer { weights in
                  form.outer_rows = outer.baseAddress
                  form.outer_weights = outerWeights.baseAddress
                  form.offsets = offsets.baseAddress
                  (form.rows, form.weights) = (rows.baseAddress, weights.baseAddress)
                  withUnsafePointer(to: &form) { body($0) }
                }
              }
            }
          }
        }
      }
      func both(_ pattern: Int, _ body: (Int) -> ([Float], [Int32])) -> Bool {
        let (general, own) = (body(Int(REEL_LINE_ANY)), body(pattern))
        return identical(general.0, own.0) && general.1 == own.1
      }
      let k = set.kernels
      let down: [Int32] = [Int32(width), Int32(2 * width)]
      #expect(
        both(Int(REEL_LINE_PAIRS)) { pattern in
          var y = [Float](repeating: .nan, count: 3 * columns)
          line(pattern, down, positions: 3) {
            k.combine_rows(3, columns, $0, x, columns, &y, columns)
          }
          return (y, [])
        })
      var chosen = [Int32](repeating: -7, count: 3 * columns)
      for keeps in [true, false] {
        #expect(
          both(Int(REEL_LINE_PAIRS)) { pattern in
            var y = [Float](repeating: 5, count: 3 * columns)
            line(pattern, [0, Int32(width)], positions: 3) { line in
              if keeps {
                k.maximum_of_rows(3, columns, line, x, columns, &y, &chosen, columns)
              } else {
                k.maximum_of_rows(3, columns, line, x, columns, &y, nil, columns)
              }
            }
            return (y.map { $0.isNaN ? -9 : $0 }, chosen)
          })
      }
      for positions in [6, 7] {
        #expect(
          both(Int(REEL_LINE_DOUBLED)) { pattern in
            var y = [Float](repeating: 5, count: positions * columns)
            line(pattern, [2], positions: positions) {
              k.combine_rows(positions, columns, $0, x, columns, &y, columns)
            }
            return (y, [])
          })
        let dy = generator.values(3 * columns)
        #expect(
          both(Int(REEL_LINE_DOUBLED)) { pattern in
            var dx = [Float](repeating: 5, count: positions * columns)
            line(pattern, [0], positions: positions) {
              k.spread_to_chosen(positions, columns, 6, $0, dy, chosen, columns, &dx, columns)
            }
            return (dx, [])
          })
      }
    }
  }

  /// Runs that reach over the next rows and into each other.
  @Test(arguments: KernelSet.available) func runs(_ set: KernelSet) {
    var generator = TestGenerator(seed: 405)
    for (channels, count) in [(1, 5), (6, 30), (3, 16), (16, 48), (5, 5)] {
      let (rows, taps) = (7, 3)
      let x = generator.values(rows * taps * count)
      let targets = (0..<rows * taps).map { _ in Int32.random(in: -1..<20, using: &generator) }
      let start = generator.values(20 * channels + count)
      var y = start
      set.kernels.add_runs(rows, taps, count, x, targets, &y, channels)
      var expected = doubles(start)
      for (number, target) in targets.enumerated() where target >= 0 {
        for i in 0..<count {
          expected[Int(target) * channels + i] += Double(x[number * count + i])
        }
      }
      #expect(greatestError(y, expected) < 2e-6)
    }
  }

  @Test(arguments: KernelSet.available) func betweenPlanesAndRows(_ set: KernelSet) {
    var generator = TestGenerator(seed: 406)
    for m in 1...8 {
      for n in [0, 1, 5, 8, 9, 10, 16, 17, 28] {
        let ldp = n + 3
        let planes = generator.values(8 * ldp)
        var rows = [Float](repeating: .nan, count: m * n + 1)
        set.kernels.planes_to_rows(m, n, planes, ldp, &rows)
        #expect(rows[m * n].isNaN)
        for j in 0..<n {
          for i in 0..<m where rows[j * m + i] != planes[i * ldp + j] {
            Issue.record("\(m) planes of \(n) columns: value \(j), \(i)")
          }
        }
        var back = [Float](repeating: 7, count: 8 * ldp)
        set.kernels.rows_to_planes(m, n, rows, &back, ldp)
        for i in 0..<m {
          #expect(
            identical(Array(back[i * ldp..<i * ldp + n]), Array(planes[i * ldp..<i * ldp + n])))
          #expect(back[i * ldp + n..<(i + 1) * ldp].allSatisfy { $0 == 7 })
        }
      }
    }
  }

  @Test(arguments: KernelSet.available) func copies(_ set: KernelSet) {
    var generator = TestGenerator(seed: 404)
    for columns in Self.columnCounts {
      let x = generator.matrix(4, columns, leadingDimension: columns + 2)
      var y = [Float](repeating: .nan, count: 4 * (columns + 5))
      set.kernels.copy_rows(4, columns, x, columns + 2, &y, columns + 5)
      #expect(gapsUntouched(y, columns, leadingDimension: columns + 5))
      #expect(
        identical(
          packedRows(x, 4, columns, leadingDimension: columns + 2),
          packedRows(y, 4, columns, leadingDimension: columns + 5)))
      var same = y
      same.withUnsafeMutableBufferPointer { same in
        guard let base = same.baseAddress else { return }
        set.kernels.copy_rows(4, columns, base, columns + 5, base, columns + 5)
      }
      #expect(identical(same, y), "\(columns) columns in place")
    }
  }

  @Test(arguments: KernelSet.available) func notANumber(_ set: KernelSet) {
    let offsets: [Int32] = [0, 3]
    let rows: [Int32] = [0, 1, 2]
    let outer: [Int32] = [0]
    let x: [Float] = [1, .nan, -.infinity, 2, 5, -.infinity, 2, .nan, -.infinity]
    var y = [Float](repeating: 0, count: 3)
    var chosen = [Int32](repeating: -7, count: 3)
    outer.withUnsafeBufferPointer { outer in
      offsets.withUnsafeBufferPointer { offsets in
        rows.withUnsafeBufferPointer { rows in
          var line = reel_row_line()
          (line.outer_count, line.outer_rows) = (1, outer.baseAddress)
          (line.offsets, line.rows) = (offsets.baseAddress, rows.baseAddress)
          set.kernels.maximum_of_rows(1, 3, &line, x, 3, &y, &chosen, 3)
        }
      }
    }
    #expect(y[0] == 2 && y[1].isNaN && y[2] == -.infinity)
    #expect(chosen[0] == 1 && chosen[2] == 0)
  }
}
