import ArgumentParser
import Reel

/// A sentence that is to be tagged.
struct InputSentence {
  /// The number of its first line.
  let line: Int
  var tokens: [String] = []
  /// The text it was cut from, and the bytes of it that each token stands for; nil for CoNLL.
  var text: String?
  var offsets: [Range<Int>] = []
  /// Its lines as they came; empty for text.
  var rows: [String] = []
  /// Whether it is a line that marks a document, and holds no token.
  var isMark = false
  /// Why it has no tags; nil for a good one.
  var problem: String?
  /// The same, with its line, where no one has been told of it yet.
  var unnamed: (problem: String, line: Int)?
}

/// How sentences are written.
enum SentenceInput: String, ExpressibleByArgument, CaseIterable {
  /// One on a line.
  case text
  /// A token on each line, an empty line after each sentence.
  case conll

  private static let documentMark = "-DOCSTART-"

  /// What the name of a file says, or else its first lines: CoNLL where each has the same number of
  /// columns, at least two, and a tag in the last.
  static func of(_ path: String?, _ input: LineInput) throws -> SentenceInput {
    let name = path?.lowercased() ?? ""
    if [".conll", ".bio", ".iob", ".iob2"].contains(where: { name.hasSuffix($0) }) {
      return .conll
    }
    var columns: Int?
    for line in try input.firstLines() {
      let fields = Self.fields(of: String(decoding: line, as: UTF8.self))
      guard let last = fields.last else { continue }
      if fields[0].elementsEqual(documentMark.utf8) { return .conll }
      guard fields.count >= 2, fields.count == columns ?? fields.count, isTag(last) else {
        return .text
      }
      columns = fields.count
    }
    return columns == nil ? .text : .conll
  }

  /// "O", or a letter of a scheme, "-" and a label that begins with a letter.
  private static func isTag(_ field: Substring.UTF8View) -> Bool {
    let bytes = Array(field)
    if bytes == [UInt8(ascii: "O")] { return true }
    guard bytes.count > 2, bytes[1] == UInt8(ascii: "-") else { return false }
    let letter = bytes[2] | 0x20
    return "BIESLU".utf8.contains(bytes[0])
      && (letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z"))
  }

  fileprivate static func fields(of row: String) -> [Substring.UTF8View] {
    row[...].utf8.split { $0 == 0x20 || $0 == 0x09 }
  }

  fileprivate static func isMark(_ fields: [Substring.UTF8View]) -> Bool {
    fields.first?.elementsEqual(documentMark.utf8) ?? false
  }
}

/// Makes sentences of lines as they come.
struct SentenceReader {
  let input: SentenceInput
  /// The column of the tokens, from 1.
  let tokenColumn: Int
  /// The sentence whose end has not come yet.
  private var open: InputSentence?

  init(_ input: SentenceInput, tokenColumn: Int) {
    self.input = input
    self.tokenColumn = tokenColumn
  }

  /// The sentences that end with these lines.
  mutating func sentences(of lines: [AnswerLine]) -> [InputSentence] {
    switch input {
    case .text: lines.map(Self.sentence)
    case .conll: lines.flatMap { rows(with: $0) }
    }
  }

  /// The sentence that the end of the file ends.
  mutating func rest() -> [InputSentence] {
    defer { open = nil }
    return open.map { [$0] } ?? []
  }

  private static func sentence(_ line: AnswerLine) -> InputSentence {
    let pieces = PreTokenizer.words.pieces(of: line.text)
    return InputSentence(
      line: line.number, tokens: pieces.map(\.text), text: line.text,
      offsets: pieces.map(\.range), problem: line.problem)
  }

  private mutating func rows(with line: AnswerLine) -> [InputSentence] {
    let fields = SentenceInput.fields(of: line.text)
    if fields.isEmpty && line.problem == nil { return rest() }
    if SentenceInput.isMark(fields) {
      return rest() + [InputSentence(line: line.number, rows: [line.text], isMark: true)]
    }
    var sentence = open ?? InputSentence(line: line.number)
    sentence.rows.append(line.text)
    if let problem = line.problem {
      sentence.problem = sentence.problem ?? problem
    } else if fields.count < tokenColumn {
      let columns = TextFormat.counted(fields.count, "column")
      let problem = "\(columns), expected the token in column \(tokenColumn)"
      if sentence.problem == nil {
        sentence.problem = problem
        sentence.unnamed = (problem, line.number)
      }
    } else {
      sentence.tokens.append(String(Substring(fields[tokenColumn - 1])))
    }
    open = sentence
    return []
  }
}
