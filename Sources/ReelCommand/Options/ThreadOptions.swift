import ArgumentParser
import Reel

/// How many threads a command may use.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Threads to use; their number changes the time and no bit of the result (default: one for \
      each processor).
      """, valueName: "n"))
  var threads: Int?

  /// - Throws: a wrong argument for less than 1.
  func check() throws {
    if let threads, threads < 1 || threads > 4096 {
      throw CommandError.wrongArgument(
        "threads \(threads): a number from 1 to 4096 is expected")
    }
  }

  /// Runs a command's work with this many threads.
  func run<Result>(_ body: () throws -> Result) throws -> Result {
    try check()
    guard let threads else { return try body() }
    return try Threads.with(threads, body)
  }
}
