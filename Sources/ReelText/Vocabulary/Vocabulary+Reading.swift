extension Vocabulary {
  /// A vocabulary from the content of a text file.
  ///
  /// - Throws: one line that names the file, the line, what came and what was expected.
  public init(text file: MappedFile) throws(TextError) {
    var builder = VocabularyBuilder()
    var lines = Lines(file)
    while let line = try lines.next() {
      do throws(TextError) {
        try Self.add(line.bytes, to: &builder)
      } catch {
        throw file.error(line: line.number, error.description)
      }
    }
    do throws(TextError) {
      self = try builder.vocabulary()
    } catch {
      throw TextError("vocabulary '\(file.path)': \(error)")
    }
  }

  private static func add(
    _ line: [UInt8], to builder: inout VocabularyBuilder
  ) throws(TextError) {
    let columns = line.split(separator: 0x09, omittingEmptySubsequences: false)
    guard columns.count == 2 else {
      throw TextError("\(columns.count) columns, expected a token, a tab and a count")
    }
    let token = try unescaped(columns[0])
    let second = String(decoding: columns[1], as: UTF8.self)
    let isNumber = columns[1].allSatisfy { 0x30...0x39 ~= $0 } && !columns[1].isEmpty
    guard isNumber, columns[1].first != 0x30 || columns[1].count == 1 else {
      try builder.add(special: token, role: second)
      return
    }
    guard let count = Int(second) else {
      throw TextError("the count \(second), expected at most \(Int.max)")
    }
    try builder.add(token, count: count)
  }

  private static func unescaped(_ token: ArraySlice<UInt8>) throws(TextError) -> [UInt8] {
    var bytes: [UInt8] = []
    var position = token.startIndex
    while position < token.endIndex {
      var byte = token[position]
      position += 1
      if byte == 0x5C {
        let kind = position < token.endIndex ? token[position] : 0
        switch kind {
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "n"): byte = 0x0A
        case UInt8(ascii: "r"): byte = 0x0D
        case 0x5C: byte = 0x5C
        default:
          let text = String(decoding: token, as: UTF8.self)
          throw TextError(
            "the token \(jsonQuoted(text)) has a '\\' before something else than t, n, r or '\\'")
        }
        position += 1
      }
      bytes.append(byte)
    }
    return bytes
  }

  /// A vocabulary from the content of a JSON file.
  ///
  /// - Throws: one line that says what came and what was expected: of JSON itself with line and
  ///   column, of its content with the number of the entry.
  public init(json bytes: [UInt8]) throws(TextError) {
    guard !bytes.isEmpty else { throw TextError("the file is empty, expected JSON") }
    let root = try FileSection(JSONParser.parse(bytes), name: "the file")
    try root.allow(["format", "version", "special_tokens", "tokens"])
    try Self.expect("format", .string("vocabulary"), in: root)
    try Self.expect("version", .integer(1), in: root)
    var builder = VocabularyBuilder()
    try Self.forEachEntry(of: "special_tokens", in: root) { entry throws(TextError) in
      guard case .object(let object) = entry, object.members.count == 2,
        case .string(let token)? = object["token"], case .string(let role)? = object["role"]
      else {
        throw TextError("\(entry.kindName), expected an object of \"token\" and \"role\"")
      }
      try builder.add(special: Array(token.utf8), role: role)
    }
    try Self.forEachEntry(of: "tokens", in: root) { entry throws(TextError) in
      guard case .array(let pair) = entry, pair.count == 2, case .string(let token) = pair[0],
        case .integer(let count) = pair[1]
      else {
        throw TextError("\(entry.kindName), expected an array of a token and its count")
      }
      try builder.add(Array(token.utf8), count: count)
    }
    self = try builder.vocabulary()
  }

  private static func expect(
    _ key: String, _ value: JSONValue, in root: FileSection
  ) throws(TextError) {
    guard root.object[key] == value else {
      throw TextError("\(key) of the file is \(root.valueText(key)), expected \(value.kindName)")
    }
  }

  private static func forEachEntry(
    of key: String, in root: FileSection, _ body: (JSONValue) throws(TextError) -> Void
  ) throws(TextError) {
    guard case .array(let entries)? = root.object[key] else {
      throw TextError("\(key) of the file is \(root.valueText(key)), expected an array")
    }
    for (index, entry) in entries.enumerated() {
      do throws(TextError) {
        try body(entry)
      } catch {
        throw TextError("entry \(index + 1) of \(key): \(error)")
      }
    }
  }
}
