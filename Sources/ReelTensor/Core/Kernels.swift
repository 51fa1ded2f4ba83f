import CReelKernels

/// The kernels of the best instruction set that this processor has (or the one that the
/// environment variable `REEL_INSTRUCTION_SET` names).
// A table of functions and constants, written once by C before anyone can see it.
package nonisolated(unsafe) let kernels: reel_kernel_table = reel_kernels().pointee

/// What Reel computes with on this machine.
public enum Processor {
  /// `avx512`, `avx2` or `portable`.
  public static var instructionSet: String { String(cString: kernels.name) }

  /// Floating-point operations a second (a multiply-add is two) that one core reaches on registers
  /// alone, measured for about `seconds`: the limit for every matrix product.
  public static func measureLimit(seconds: Double = 0.2) -> Double {
    2 * reel_measure_multiply_adds(seconds)
  }
}
