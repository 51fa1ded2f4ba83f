import CReelKernels

/// The kernels of the best instruction set that this processor has (or the one that the
/// environment variable `REEL_INSTRUCTION_SET` names).
// A table of functions and constants, written once by C before anyone can see it.
package nonisolated(unsafe) let kernels: reel_kernel_table = reel_kernels().pointee

/// What Reel computes with on this machine.
public enum Processor {
  /// `amx`, `avx512bf16`, `avx512vnni`, `avx512`, `avx2` or `portable`. With `avx512vnni` sums of products
  /// of bytes have an instruction of their own, for weights of 8 bits, and everything else is as with
  /// `avx512`; `avx512bf16` adds one for products of bfloat16, which are used where `ProductPrecision` is
  /// `.medium`. With `amx` large products run on the processor's matrix unit, each float as the sum of
  /// three bfloat16 parts (fewer where `ProductPrecision` allows it), those of many rows with weights of 8
  /// bits among them, and everything else as with `avx512vnni`.
  public static var instructionSet: String { String(cString: kernels.name) }

  /// Vectors are of 512 bits.
  package static var hasWideVectors: Bool { kernels.vector_width == 16 }

  /// Large products run on a matrix unit.
  package static var hasMatrixUnit: Bool { kernels.split?[ProductPrecision.highest.index] != nil }

  /// Floating-point operations a second (a multiply-add is two) that one core reaches on registers
  /// alone, measured for about `seconds`: the limit for every matrix product.
  public static func measureLimit(seconds: Double = 0.2) -> Double {
    2 * reel_measure_multiply_adds(seconds)
  }
}
