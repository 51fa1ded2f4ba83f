import ArgumentParser
import Reel

/// What a command may use of the machine.
struct MachineOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Threads to use; their number changes the time and no bit of the result (default: one for \
      each processor).
      """, valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      """
      How exact large products have to be: highest (24 bits), high (16) or medium (8). Medium \
      saves time on processors that multiply bfloat16 numbers (AVX512-BF16 or AMX), high on those \
      with a matrix unit (AMX); on others neither changes anything.
      """))
  var precision = ProductPrecision.highest

  /// - Throws: a wrong argument for less than 1.
  func check() throws {
    if let threads, threads < 1 || threads > 4096 {
      throw CommandError.wrongArgument(
        "threads \(threads): a number from 1 to 4096 is expected")
    }
  }

  /// Runs a command's work on this much of the machine.
  func run<Result>(_ body: () throws -> Result) throws -> Result {
    try check()
    return try ProductPrecision.with(precision) {
      guard let threads else { return try body() }
      return try Threads.with(threads, body)
    }
  }
}

extension ProductPrecision: ExpressibleByArgument {}
