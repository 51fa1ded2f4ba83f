/// Two texts of each record, from tab-separated values or JSON Lines.
struct FieldPairReader: Sendable {
  private enum Source: Sendable {
    case tsv(TSVReader, Int, Int)
    case json(JSONLinesReader, String, String, acceptsNumbers: Bool)
    case ended
  }

  let file: MappedFile
  private var source: Source

  init(_ reader: TSVReader, _ first: Field, _ second: Field) throws(TextError) {
    file = reader.file
    var reader = reader
    // Without a header the first row says how many columns there are.
    if reader.header == nil { try reader.learnColumnCount() }
    source = .tsv(reader, try reader.index(of: first), try reader.index(of: second))
  }

  init(_ reader: JSONLinesReader, _ first: String, _ second: String, acceptsNumbers: Bool) {
    file = reader.file
    source = .json(reader, first, second, acceptsNumbers: acceptsNumbers)
  }

  mutating func next() throws(TextError) -> (first: String, second: String, line: Int)? {
    do {
      switch source {
      case .ended: return nil
      case .tsv(var reader, let first, let second):
        source = .ended
        guard let row = try reader.next() else { return nil }
        source = .tsv(reader, first, second)
        return (row.fields[first], row.fields[second], row.line)
      case .json(var reader, let first, let second, let acceptsNumbers):
        source = .ended
        guard let (object, line) = try reader.nextObject() else { return nil }
        let texts = (
          try reader.text(first, of: object, line: line),
          try reader.text(second, of: object, line: line, acceptsNumbers: acceptsNumbers)
        )
        source = .json(reader, first, second, acceptsNumbers: acceptsNumbers)
        return (texts.0, texts.1, line)
      }
    } catch {
      source = .ended
      throw error
    }
  }

  /// After an error there is nothing more to read.
  mutating func end() { source = .ended }
}
