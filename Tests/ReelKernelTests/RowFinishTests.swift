import CReelKernels
import Testing

/// The way back through a rectification, on rows of any width.
@Suite struct RowFinishTests {
  @Test(arguments: KernelSet.available)
  func rectifiedRowsBackward(_ set: KernelSet) {
    var generator = TestGenerator(seed: 231)
    for n in 1...20 {
      for rows in [0, 1, 5, 16, 37, 130] {
        let count = rows * n
        let y = generator.values(count).map { max($0, 0) }
        let dy = generator.values(count)
        let start = generator.values(n)
        for hasBias in [true, false] {
          var finish = reel_row_finish()
          finish.rectified = true
          var dc = [Float](repeating: .nan, count: count + 1)
          var sums = start
          sums.withUnsafeMutableBufferPointer {
            set.kernels.finish_rows_backward(
              rows, n, &finish, y, dy, &dc, nil, hasBias ? $0.baseAddress : nil)
          }
          let expected = zip(y, dy).map { $0 > 0 ? $1 : 0 }
          #expect(Array(dc.dropLast()) == expected && dc[count].isNaN, "\(set.name) \(rows)×\(n)")
          for column in 0..<n {
            let exact = (0..<rows).reduce(Double(start[column])) {
              $0 + Double(expected[$1 * n + column])
            }
            let came = hasBias ? exact : Double(start[column])
            #expect(abs(Double(sums[column]) - came) < 1e-4, "\(set.name) \(rows)×\(n)")
          }
        }
      }
    }
  }
}
