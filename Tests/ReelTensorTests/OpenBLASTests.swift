import COpenBLAS
import Foundation
import ReelTensor
import Testing

@Suite struct OpenBLASTests {
  /// An OpenBLAS older than the processor would use kernels of half the width.
  @Test func theKernelsFitTheProcessor() {
    let one = Tensor(repeating: 1, shape: [1, 1])
    #expect(Tensor.matrixProduct(one, one).scalar == 1)
    guard Processor.hasWideVectors,
      ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil
    else { return }
    let core = String(cString: openblas_get_corename())
    #expect(!["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott", "Core2"].contains(core))
  }

  @Test func itUsesOneThreadInside() {
    let one = Tensor(repeating: 1, shape: [1, 1])
    _ = Tensor.matrixProduct(one, one)
    #expect(openblas_get_num_threads() == 1)
  }
}
