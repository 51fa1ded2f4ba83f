import ArgumentParser
import Foundation

/// The `reel` tool: trains, runs and describes the models of the library.
@main
struct ReelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel",
    abstract: "Trains models of sequences and of images on ordinary CPUs, and runs them.",
    discussion: """
      Results go to standard output; progress, warnings and errors go to standard error.

      Exit codes: 0 when all went well, 1 for input that cannot be used (also where only some lines \
      of it cannot, and the others are answered) and files that cannot be written, 64 for wrong arguments, 130 for a training that Ctrl-C stopped.
      """,
    version: "reel 0.1.0",
    subcommands: [
      TrainCommand.self, ClassifyCommand.self, TagCommand.self, TranslateCommand.self,
      GenerateCommand.self, ClassifyImagesCommand.self, SegmentCommand.self,
      EvaluateCommand.self, DescribeCommand.self, ConvertCommand.self,
      TokenizeCommand.self, CorpusCommand.self,
    ])

  static func main() {
    // A reader that goes away must not end a training; whoever writes looks at the result.
    signal(SIGPIPE, SIG_IGN)
    // A file larger than the user's limit is an error like a full disk, and no reason to be killed.
    signal(SIGXFSZ, SIG_IGN)
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      endParsing(with: error)
    }
    do {
      try command.run()
    } catch {
      // Help that was asked for, and exit codes of those who have said all there is to say.
      guard !(error is ExitCode), error is CommandError || exitCode(for: error) == .failure else {
        exit(withError: error)
      }
      let failure = error as? CommandError ?? CommandError("\(error)")
      StandardStreams.writeError("Error: \(failure.description)\n")
      exit(withError: failure.exitCode)
    }
  }

  /// Prints help and version as the parser has them, and a mistake as one line that says where the
  /// help is; the parser's own form adds the usage text of all options.
  private static func endParsing(with error: any Error) -> Never {
    let code = exitCode(for: error)
    guard code != .success else { exit(withError: error) }
    let lines = fullMessage(for: error).split(separator: "\n")
    let pointer = lines.last { $0.contains("See '") }.map {
      " " + $0.trimmingCharacters(in: .whitespaces)
    }
    // A list of the values there are, one on each line, becomes a list with commas.
    let text = message(for: error)
      .replacingOccurrences(of: ":\n  - ", with: ": ")
      .replacingOccurrences(of: "\n  - ", with: ", ")
    let what = CommandError(text).description
    let end = what.hasSuffix(".") || what.hasSuffix("?") ? "" : "."
    StandardStreams.writeError("Error: \(what)\(end)\(pointer ?? "")\n")
    exit(withError: code)
  }
}
