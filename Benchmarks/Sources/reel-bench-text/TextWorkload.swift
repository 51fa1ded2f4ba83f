import Reel

/// One workload over a text: what the command line asked for. `peers/tokenizers_peer.py` defines the
/// same for the peer; both must stay equal.
struct TextWorkload {
  enum Task: String, CaseIterable { case encode, whole, train, split }

  /// How many tokens there are, and a check sum of them.
  struct Outcome {
    var count: Int
    var checksum: String?
  }

  private let task: Task
  private let kind: String
  private let text: String
  private let lines: [String]
  private let tokenizer: (any Tokenizer)?
  private let vocabulary: Int
  private let offsets: Bool

  init(
    task: Task, kind: String, text: String, tokenizer path: String?, vocabulary: Int, offsets: Bool
  ) throws {
    self.task = task
    self.kind = kind
    self.text = text
    self.vocabulary = vocabulary
    self.offsets = offsets
    lines = Self.lines(of: text)
    switch (task, path) {
    case (.split, _):
      var training = TokenizerTraining(.words, vocabularySize: vocabulary)
      if kind == "whitespace" { training.preTokenizer = .whitespace }
      tokenizer = try TokenizerPipeline.train(training, on: lines)
    case (.train, _), (_, nil): tokenizer = nil
    case (_, let path?): tokenizer = try TokenizerFile.read(path)
    }
  }

  /// What stands between line feeds; nothing after the last one.
  private static func lines(of text: String) -> [String] {
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    if lines.last == "" { lines.removeLast() }
    return lines
  }

  func run() throws -> Outcome {
    switch (task, tokenizer) {
    case (.train, _): return try train()
    case (.whole, let tokenizer?): return encode([text], tokenizer)
    case (_, let tokenizer?): return encode(lines, tokenizer)
    case (_, nil): return Outcome(count: 0)
    }
  }

  private func train() throws -> Outcome {
    var training = TokenizerTraining(
      TokenizerKind(rawValue: kind) ?? .byteBytePair, vocabularySize: vocabulary)
    // As the library has them unless told otherwise.
    training.minimumFrequency = 0
    if kind == "byte-bpe" { training.specialTokens = [] }
    let pipeline = try TokenizerPipeline.train(training, on: lines)
    var sum = Checksum()
    for id in 0..<Int32(pipeline.vocabularySize) {
      if id > 0 { sum.add(Int(UInt8(ascii: "\n"))) }
      for byte in pipeline.token(at: id).utf8 { sum.add(Int(byte)) }
    }
    return Outcome(count: pipeline.vocabularySize, checksum: sum.text)
  }

  private func encode(_ texts: [String], _ tokenizer: any Tokenizer) -> Outcome {
    var sum = Checksum()
    var count = 0
    for text in texts {
      let ids = offsets ? tokenizer.encoding(of: text).ids : tokenizer.encode(text)
      count += ids.count
      for id in ids { sum.add(Int(id)) }
    }
    return Outcome(count: count, checksum: task == .split ? nil : sum.text)
  }
}

/// A sum that depends on the order of what is added.
struct Checksum {
  private var state: UInt64 = 0

  mutating func add(_ number: Int) {
    state = state &* 31 &+ UInt64(truncatingIfNeeded: number) &+ 1
  }

  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
