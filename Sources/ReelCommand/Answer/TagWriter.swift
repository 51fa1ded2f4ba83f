import ArgumentParser
import Reel

/// How tagged sentences are written.
enum TagFormat: String, ExpressibleByArgument, CaseIterable {
  case conll, inline, json
}

/// A sentence and its tags.
struct SentenceTags {
  var tags: [String] = []
  var spans: [TaggedSpan] = []
  /// The most probable taggings; empty where nobody asked for several.
  var best: [(tags: [String], probability: Double)] = []
}

/// Writes tagged sentences.
struct TagWriter {
  private let format: TagFormat
  /// Columns of taggings in CoNLL.
  private let nBest: Int
  private let showsProbabilities: Bool
  /// The labels of spans in the order of their colours; nil for tags that mark no spans.
  private let labels: [String]?
  private let colour: Bool
  private var output = LineOutput()

  init(_ format: TagFormat, nBest: Int, showsProbabilities: Bool, labels: [String]?) {
    self.format = format
    self.nBest = nBest
    self.showsProbabilities = showsProbabilities
    self.labels = labels
    colour = StandardStreams.outputTakesColour
  }

  mutating func flush() throws { try output.flush() }

  mutating func write(_ sentence: InputSentence, _ answer: SentenceTags) throws {
    switch format {
    case .json:
      if !sentence.isMark { try output.write(line: object(sentence, answer).closed) }
    case .conll: try writeColumns(sentence, answer)
    case .inline:
      guard !sentence.isMark else { return }
      guard !answer.best.isEmpty, sentence.problem == nil else {
        return try output.write(
          line: sentence.problem == nil ? inline(sentence, answer.tags, answer.spans) : "")
      }
      for (tags, probability) in answer.best {
        let text = inline(sentence, tags, labels == nil ? [] : Self.spans(of: tags))
        try output.write(line: "\(TextFormat.fixed(probability, 4))\t\(text)")
      }
    }
  }

  /// The spans that tags stand for.
  static func spans(of tags: [String]) -> [TaggedSpan] {
    TagScheme.scoredSpans(of: tags).map { TaggedSpan(label: $0.label, range: $0.range) }
  }

  // MARK: CoNLL

  private mutating func writeColumns(
    _ sentence: InputSentence, _ answer: SentenceTags
  ) throws {
    if sentence.isMark {
      // As many columns as the other lines have.
      let extra = [String](repeating: "O", count: nBest) + (showsProbabilities ? ["-"] : [])
      for row in sentence.rows { try output.write(line: Self.joined(row, extra)) }
    } else if sentence.problem == nil {
      let columns = answer.best.isEmpty ? [answer.tags] : answer.best.map(\.tags)
      for (index, token) in sentence.tokens.enumerated() {
        var fields = (0..<nBest).map { $0 < columns.count ? columns[$0][index] : "_" }
        if showsProbabilities {
          let span = answer.spans.first { $0.range.contains(index) }
          fields.append(span?.probability.map { TextFormat.fixed($0, 4) } ?? "-")
        }
        try output.write(
          line: Self.joined(sentence.rows.isEmpty ? token : sentence.rows[index], fields))
      }
    }
    try output.write(line: "")
  }

  /// A row with further columns, set apart as those that it has.
  private static func joined(_ row: String, _ fields: [String]) -> String {
    let separator = row.utf8.contains(0x09) ? "\t" : " "
    var end = row.utf8[...]
    while let last = end.last, last == 0x20 || last == 0x09 { end.removeLast() }
    return ([String(Substring(end))] + fields).joined(separator: separator)
  }

  // MARK: JSON

  private func object(_ sentence: InputSentence, _ answer: SentenceTags) -> JSONLine {
    var line = JSONLine()
    line.add("line", sentence.line)
    if let problem = sentence.problem {
      line.add("error", problem)
      return line
    }
    line.add("tokens", sentence.tokens)
    if sentence.text != nil { line.add("offsets", sentence.offsets) }
    line.add("tags", answer.tags)
    if labels != nil {
      line.add(
        "spans",
        answer.spans.map { span in
          var object = JSONLine()
          object.add("label", span.label)
          object.add("start", span.range.lowerBound)
          object.add("end", span.range.upperBound)
          object.add("text", Self.text(of: span.range, in: sentence))
          if let probability = span.probability { object.add("probability", probability) }
          return object
        })
    }
    if !answer.best.isEmpty {
      line.add(
        "n_best",
        answer.best.map { tags, probability in
          var object = JSONLine()
          object.add("tags", tags)
          object.add("probability", probability)
          return object
        })
    }
    return line
  }

  private static func text(of range: Range<Int>, in sentence: InputSentence) -> String {
    guard let text = sentence.text else {
      return sentence.tokens[range].joined(separator: " ")
    }
    let bytes =
      sentence.offsets[range.lowerBound]
      .lowerBound..<sentence.offsets[range.upperBound - 1].upperBound
    return String(decoding: Array(text.utf8)[bytes], as: UTF8.self)
  }

  // MARK: Text

  private func inline(
    _ sentence: InputSentence, _ tags: [String], _ spans: [TaggedSpan]
  ) -> String {
    guard labels != nil else {
      return zip(sentence.tokens, tags).map { shown($0) + "/" + $1 }.joined(separator: " ")
    }
    // Where each token stands in the line; of CoNLL the tokens make one.
    var line = Array((sentence.text ?? "").utf8)
    var offsets = sentence.offsets
    if sentence.text == nil {
      for token in sentence.tokens {
        if !line.isEmpty { line.append(0x20) }
        offsets.append(line.count..<line.count + token.utf8.count)
        line += token.utf8
      }
    }
    var result = ""
    var end = 0
    for span in spans {
      let start = offsets[span.range.lowerBound].lowerBound
      let stop = offsets[span.range.upperBound - 1].upperBound
      result += shown(String(decoding: line[end..<start], as: UTF8.self))
      result += marked(shown(String(decoding: line[start..<stop], as: UTF8.self)), span)
      end = stop
    }
    return result + shown(String(decoding: line[end...], as: UTF8.self))
  }

  private func marked(_ text: String, _ span: TaggedSpan) -> String {
    let label = span.label.isEmpty ? "span" : span.label
    let probability = span.probability.map { " " + TextFormat.fixed($0, 2) } ?? ""
    guard colour else { return "[\(label)\(probability) \(text)]" }
    let colours = [33, 34, 166, 133, 37, 160, 136, 61]
    let place = labels?.firstIndex(of: span.label) ?? 0
    let number = colours[place % colours.count]
    return "\u{1B}[97;48;5;\(number)m \(text) \u{1B}[1m\(label)\u{1B}[22m\(probability) \u{1B}[0m"
  }

  /// On a terminal, characters that it would obey are left out.
  private func shown(_ text: String) -> String {
    guard colour, text.unicodeScalars.contains(where: Self.isControl) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !Self.isControl(scalar) { scalars.append(scalar) }
    return String(scalars)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 && scalar != "\t" || (0x7F...0x9F).contains(scalar.value)
  }
}
