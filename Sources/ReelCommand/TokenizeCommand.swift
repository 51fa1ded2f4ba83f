import ArgumentParser
import Reel

/// `reel tokenize`: text into tokens, line by line, and back.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Cut text into tokens, line by line, or put it together.",
    discussion: """
      A line of text becomes a line of ids (numbers with spaces between), pieces (with tabs \
      between; a tab, a line end, another control character or a backslash within a piece is \
      escaped by a backslash) or offsets (first byte of the line and the byte after the last, from \
      0). On a terminal colours show where a piece ends. Lines are handled as they come, so a file \
      may be larger than the memory.

      bytes has the ids 0 to 255. The rules characters, graphemes, whitespace and words cut text \
      without a vocabulary: they give pieces and offsets, and no ids. `reel train tokenizer` makes \
      a vocabulary.
      """)

  @Option(
    help: ArgumentHelp(
      "One of \(TokenizerChoice.names), or a tokenizer.json.", valueName: "name|file"))
  var tokenizer: String

  @Argument(help: ArgumentHelp("The text (default: standard input).", valueName: "file"))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "What to print (default: ids, or pieces where there is no vocabulary).", valueName: "what"))
  var output: PieceOutput?

  @Flag(help: "The other way: read ids, with spaces between, and print text.")
  var decode = false

  @Flag(help: "Each line holds two texts that belong together, with a tab between.")
  var pair = false

  @Flag(
    inversion: .prefixedNo,
    help: "Add the tokens of the tokenizer's post-processor, such as [CLS]; not print them again.")
  var specialTokens = true

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  @Flag(help: "Print one JSON object for each line, with ids, pieces and offsets.")
  var json = false

  func run() throws {
    if decode {
      for (name, isSet) in [
        ("--pair", pair), ("--output", output != nil), ("--replace-invalid", replaceInvalid),
      ] where isSet {
        throw CommandError.wrongArgument("\(name) does not go with --decode, which reads ids")
      }
    }
    let choice = try TokenizerChoice(tokenizer)
    do {
      if decode { try decodeLines(choice) } else { try encodeLines(choice) }
    } catch is StandardStreams.ClosedPipe {
      // The reader has had enough.
    }
  }

  // MARK: Encoding

  private func encodeLines(_ choice: TokenizerChoice) throws {
    var output = output ?? .ids
    if case .rule = choice {
      if self.output == .ids { try choice.checkItHasIDs(for: "--output ids") }
      output = self.output ?? .pieces
    }
    if pair { try choice.checkItKnowsPairs() }
    let input = try LineInput(file)
    var writer = PieceWriter(output, json: json, showsSpecialTokens: specialTokens)
    do {
      while let text = try input.nextText(
        replacesInvalidBytes: replaceInvalid, beforeWaiting: { try writer.flush() })
      {
        if output == .ids && !json && !pair,
          let ids = choice.plainIDs(of: text, addsSpecialTokens: specialTokens)
        {
          try writer.write(ids)
          continue
        }
        let (first, second) = try texts(of: text, input)
        let pieces = choice.pieces(of: first, pair: second, addsSpecialTokens: specialTokens)
        try writer.write(pieces, line: input.number)
      }
    } catch let error as CommandError {
      // What came before the bad line is good.
      try writer.flush()
      throw error
    }
    try writer.flush()
  }

  private func texts(of line: String, _ input: LineInput) throws -> (String, String?) {
    guard pair else { return (line, nil) }
    let columns = line.utf8.split(
      separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard columns.count == 2 else {
      throw CommandError(
        "\(input.name), line \(input.number): \(TextFormat.counted(columns.count, "column")), "
          + "2 with a tab between are expected")
    }
    return (String(Substring(columns[0])), String(Substring(columns[1])))
  }

  // MARK: Decoding

  private func decodeLines(_ choice: TokenizerChoice) throws {
    try choice.checkItHasIDs(for: "--decode")
    guard case .tokenizer(let tokenizer) = choice else { return }
    let input = try LineInput(file)
    var lines = LineOutput()
    do {
      while let bytes = try input.next(beforeWaiting: { try lines.flush() }) {
        let ids = try bytes.split(separator: UInt8(ascii: " ")).map { word in
          try id(word, of: tokenizer, input)
        }
        if json {
          var line = JSONLine()
          line.add("line", input.number)
          line.add("text", tokenizer.decode(ids))
          try lines.write(line: line.closed)
        } else {
          try lines.write(line: tokenizer.decodeBytes(ids))
        }
      }
    } catch let error as CommandError {
      try lines.flush()
      throw error
    }
    try lines.flush()
  }

  private func id(
    _ word: ArraySlice<UInt8>, of tokenizer: any Tokenizer, _ input: LineInput
  ) throws -> Int32 {
    let text = String(decoding: word, as: UTF8.self)
    let place = "\(input.name), line \(input.number)"
    guard let id = Int(text) else {
      throw CommandError("\(place): '\(PieceWriter.escaped(text))' is no number, ids are expected")
    }
    guard id >= 0, id < tokenizer.vocabularySize else {
      throw CommandError(
        "\(place): id \(id) is outside the vocabulary, 0 to "
          + "\(TextFormat.grouped(tokenizer.vocabularySize - 1)) are expected")
    }
    return Int32(id)
  }
}
