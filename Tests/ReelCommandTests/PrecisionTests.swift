import Foundation
import Reel
import Testing

@Suite struct PrecisionTests {
  /// `--precision` reaches the products of a training: another model where the processor multiplies
  /// bfloat16 numbers, and the same one elsewhere. (The tool does not see the variable that chooses other
  /// kernels for a test.)
  @Test(.enabled(if: ProcessInfo.processInfo.environment["REEL_INSTRUCTION_SET"] == nil))
  func isThatOfTheTraining() throws {
    let folder = try TestFolder.withCorpus()
    func model(_ precision: String) throws -> Data {
      let result = try Tool.run(
        folder.training(
          "--hidden", "64", "--embedding", "64", "--window", "32", "--epochs", "1", "--seed", "1",
          "--precision", precision, model: precision), in: folder)
      #expect(result.code == 0, "\(result.error)")
      let path = folder.file(precision) + "/model.safetensors"
      return try Data(contentsOf: URL(fileURLWithPath: path))
    }
    let highest = try model("highest")
    let differs = ["amx", "avx512bf16"].contains(Processor.instructionSet)
    #expect((try model("medium") != highest) == differs)
  }
}
