import CReelKernels
import Testing

/// One build of the kernels, as a test argument.
struct KernelSet: Sendable, CustomTestStringConvertible {
  let instructionSet: Int32

  /// Every build that this processor can run.
  static let available: [KernelSet] = (0..<Int32(REEL_INSTRUCTION_SETS))
    .filter { reel_kernels_for($0) != nil }
    .map { KernelSet(instructionSet: $0) }

  var kernels: reel_kernel_table { reel_kernels_for(instructionSet)!.pointee }
  var name: String { String(cString: kernels.name) }
  var testDescription: String { name }
}
