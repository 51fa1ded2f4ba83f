import ArgumentParser
import Reel

/// One line of what is to be answered.
struct AnswerLine {
  let number: Int
  let text: String
  /// Why there is no answer; nil for a line that can be read.
  var problem: String?
}

/// Reads lines and answers them in their order: at once where somebody types them or a pipe brings
/// them, and many together where they are all there.
///
/// A line that cannot be answered is named on standard error, and the next one is read; the exit
/// code then is 1 at the end.
final class AnswerLoop {
  /// Lines and bytes that are answered together.
  private static let mostLines = 256
  private static let mostBytes = 1 << 16

  let input: LineInput
  private let replacesInvalidBytes: Bool
  private var failures = 0

  init(_ options: AnswerOptions) throws {
    input = try LineInput(options.file)
    replacesInvalidBytes = options.replaceInvalid
  }

  /// Calls `answer` with lines until there are no more, and `flush` before it waits for some.
  ///
  /// - Parameters:
  ///   - problem: what is wrong with a text, or nil.
  ///   - finish: called after the last line.
  /// - Throws: `ExitCode.failure` after the last line when there was none for some.
  func run(
    problem: (String) -> String? = { _ in nil },
    answer: ([AnswerLine]) throws -> Void, finish: () throws -> Void = {},
    flush: () throws -> Void
  ) throws {
    var lines: [AnswerLine] = []
    var size = 0
    func answerAll() throws {
      if !lines.isEmpty {
        try answer(lines)
        lines.removeAll(keepingCapacity: true)
        size = 0
      }
      try flush()
    }
    do {
      while let bytes = try input.next(beforeWaiting: answerAll) {
        let line = read(bytes, problem)
        lines.append(line)
        size += bytes.count
        if let problem = line.problem { tell(problem, line.number) }
        if lines.count >= Self.mostLines || size >= Self.mostBytes { try answerAll() }
      }
    } catch let error as CommandError {
      // What came before a file that cannot be read on is good.
      if !lines.isEmpty { try answer(lines) }
      try flush()
      throw error
    }
    if !lines.isEmpty { try answer(lines) }
    try finish()
    try flush()
    if failures > 0 { throw ExitCode.failure }
  }

  private func read(_ bytes: [UInt8], _ problem: (String) -> String?) -> AnswerLine {
    do {
      let text = try input.text(of: bytes, replacesInvalidBytes: replacesInvalidBytes)
      return AnswerLine(number: input.number, text: text, problem: problem(text))
    } catch {
      // The message begins with the place, which is said of every line.
      let place = "\(input.name), line \(input.number), "
      let text = error.description
      return AnswerLine(
        number: input.number, text: "",
        problem: text.hasPrefix(place) ? String(text.dropFirst(place.count)) : text)
    }
  }

  /// Names a line that has no answer.
  func tell(_ problem: String, _ line: Int) {
    failures += 1
    // A column belongs to the place.
    let separator = problem.hasPrefix("column ") ? ", " : ": "
    StandardStreams.writeError("Error: \(input.name), line \(line)\(separator)\(problem)\n")
  }

  /// What is wrong with a line of white space where a text is expected.
  static func problemIfBlank(_ text: String) -> String? {
    text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? "it is empty, a text is expected" : nil
  }
}
