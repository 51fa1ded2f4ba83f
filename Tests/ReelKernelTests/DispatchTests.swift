import CReelKernels
import Foundation
import Testing

@Suite struct DispatchTests {
  @Test func portableIsAlwaysThere() {
    #expect(String(cString: reel_kernels_for(Int32(REEL_PORTABLE))!.pointee.name) == "portable")
    #expect(reel_kernels_for(-1) == nil)
    #expect(reel_kernels_for(Int32(REEL_INSTRUCTION_SETS)) == nil)
  }

  @Test func theBestSetOrTheNamedOneIsInUse() {
    let names = KernelSet.available.map(\.name)
    let wanted = ProcessInfo.processInfo.environment["REEL_INSTRUCTION_SET"]
    let expected = wanted.flatMap { names.contains($0) ? $0 : nil } ?? names.last
    #expect(String(cString: reel_kernels().pointee.name) == expected)
  }

  @Test func theLimitIsMeasured() {
    let rate = reel_measure_multiply_adds(0.01)
    #expect(rate > 1e8 && rate < 1e13)
  }
}
