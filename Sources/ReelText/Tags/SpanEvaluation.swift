/// Scores predicted tags that stand in files, wherever they come from.
public enum SpanEvaluation {
  /// Scores the tags of one file against those of another one. Both must hold the same sentences.
  ///
  /// Lines that mark a document are left out, other than by the CoNLL scorer, which counts each as a
  /// token with right tags.
  ///
  /// - Parameters:
  ///   - gold: the right tags.
  ///   - predicted: the tags to be scored.
  ///   - format: how both files are written.
  ///   - predictedFormat: how `predicted` is written, if otherwise.
  ///   - scheme: counts spans by a scheme, see ``SpanScores/add(gold:predicted:scheme:)``; nil: as
  ///     the CoNLL scorer does.
  /// - Throws: where a file cannot be read, and at the first place where tokens, ends of sentences or
  ///   ends of files differ, with both lines.
  public static func compare(
    gold: MappedFile, predicted: MappedFile, format: ConllFormat = ConllFormat(),
    predictedFormat: ConllFormat? = nil, scheme: TagScheme? = nil
  ) throws(TextError) -> SpanScores {
    let predictedFormat = predictedFormat ?? format
    guard format.tagColumn != nil, predictedFormat.tagColumn != nil else {
      throw TextError("formats without a column of tags came, expected one for each file")
    }
    var goldReader = ConllReader(gold, format: format)
    var predictedReader = ConllReader(predicted, format: predictedFormat)
    var scores = SpanScores()
    var sentences = 0
    while true {
      let right = try goldReader.next()
      let came = try predictedReader.next()
      guard let right, let came else {
        if let right {
          throw TextError(
            "\(predicted.name) ends after \(count(sentences)), expected the token "
              + "\(quoted(right.tokens[0])) of \(place(gold, right, 0))")
        }
        if let came {
          throw TextError(
            "\(place(predicted, came, 0)): found the token \(quoted(came.tokens[0])), but "
              + "\(gold.name) ends after \(count(sentences))")
        }
        return scores
      }
      try check(right, of: gold, came, of: predicted)
      scores.add(right, came, scheme)
      sentences += 1
    }
  }

  /// Scores a file with both tags in columns of their own, as the CoNLL scorer reads it.
  ///
  /// - Parameters:
  ///   - format: how the file is written; its column of tags is that of the predicted ones.
  ///   - goldColumn: the column of the right tags; nil: the last but one.
  /// - Throws: where the file cannot be read.
  public static func compare(
    _ file: MappedFile, format: ConllFormat = ConllFormat(),
    goldColumn: ConllFormat.Column? = nil, scheme: TagScheme? = nil
  ) throws(TextError) -> SpanScores {
    var goldFormat = format
    if let goldColumn {
      goldFormat.tagColumn = goldColumn
    } else {
      guard let (columns, line) = try columns(of: file, format) else { return SpanScores() }
      guard columns >= 3 else {
        throw file.error(
          line: line,
          "\(columns) \(columns == 1 ? "column" : "columns"), expected a token, the right tag and "
            + "the predicted one")
      }
      goldFormat.tagColumn = .number(columns - 1)
    }
    return try compare(
      gold: file, predicted: file, format: goldFormat, predictedFormat: format, scheme: scheme)
  }

  /// The number of columns of the first line with a token.
  private static func columns(
    of file: MappedFile, _ format: ConllFormat
  ) throws(TextError) -> (count: Int, line: Int)? {
    // The reader finds the line: comments and document marks are its business.
    var tokens = format
    tokens.tagColumn = nil
    var reader = ConllReader(file, format: tokens)
    guard let first = try reader.next() else { return nil }
    var lines = Lines(file)
    while let line = try lines.next() {
      guard line.number == first.line else { continue }
      let fields =
        format.separator == .tab
        ? line.bytes.split(separator: 0x09, omittingEmptySubsequences: false)
        : line.bytes.split { $0 == 0x20 || $0 == 0x09 }
      return (fields.count, first.line)
    }
    return nil
  }

  private static func check(
    _ right: TaggedSentence, of gold: MappedFile, _ came: TaggedSentence,
    of predicted: MappedFile
  ) throws(TextError) {
    for index in 0..<max(right.tokens.count, came.tokens.count) {
      guard index < came.tokens.count else {
        throw TextError(
          "\(place(predicted, came, index)): the sentence ends, expected the token "
            + "\(quoted(right.tokens[index])) of \(place(gold, right, index))")
      }
      guard index < right.tokens.count else {
        throw TextError(
          "\(place(predicted, came, index)): found the token \(quoted(came.tokens[index])), "
            + "expected the end of the sentence as in \(place(gold, right, index))")
      }
      guard came.tokens[index].utf8.elementsEqual(right.tokens[index].utf8) else {
        throw TextError(
          "\(place(predicted, came, index)): found the token \(quoted(came.tokens[index])), "
            + "expected \(quoted(right.tokens[index])) as in \(place(gold, right, index))")
      }
    }
  }

  private static func place(_ file: MappedFile, _ sentence: TaggedSentence, _ index: Int) -> String
  {
    "\(file.name), line \(sentence.line + index)"
  }

  private static func quoted(_ token: String) -> String {
    let shown = token.unicodeScalars.prefix(40)
    return jsonQuoted(String(String.UnicodeScalarView(shown)))
  }

  private static func count(_ sentences: Int) -> String {
    sentences == 1 ? "1 sentence" : "\(sentences) sentences"
  }
}

extension SpanScores {
  fileprivate mutating func add(
    _ right: TaggedSentence, _ came: TaggedSentence, _ scheme: TagScheme?
  ) {
    if let scheme {
      add(gold: right.tags, predicted: came.tags, scheme: scheme)
    } else {
      add(gold: right.tags, predicted: came.tags)
    }
  }
}
