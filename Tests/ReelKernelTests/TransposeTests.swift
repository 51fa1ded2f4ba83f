import CReelKernels
import Testing

@Suite struct TransposeTests {
  @Test(arguments: KernelSet.available)
  func movesEveryValueOnce(_ set: KernelSet) {
    var generator = TestGenerator(seed: 15)
    for rows in [0, 1, 5, 7, 8, 9, 16, 23, 31, 40] {
      for columns in [0, 1, 3, 8, 10, 11, 15, 16, 17, 65] {
        let (lds, ldt) = (columns + 3, rows + 2)
        let source = generator.matrix(rows, columns, leadingDimension: lds)
        var target = [Float](repeating: .nan, count: columns * ldt)
        set.kernels.transpose(rows, columns, source, lds, &target, ldt)
        let expected = (0..<columns).flatMap { j in (0..<rows).map { source[$0 * lds + j] } }
        #expect(
          identical(packedRows(target, columns, rows, leadingDimension: ldt), expected),
          "\(set.name) \(rows)×\(columns)")
        #expect(gapsUntouched(target, rows, leadingDimension: ldt))
      }
    }
  }
}
