extension Vocabulary {
  /// Writes the vocabulary to a file, as JSON where its name ends in ".json", else as text; the old
  /// file or the new one is there, whole, at any moment.
  ///
  /// Text has one line for each token in the order of the ids: the token, a tab, and its count; for
  /// a special token its role in the place of the count. In the token a tab is `\t`, a line feed
  /// `\n`, a carriage return `\r` and a backslash `\\`.
  public func write(to path: String) throws(TextError) {
    try writeFileAtomically(path.hasSuffix(".json") ? jsonContent : textContent, to: path)
  }

  /// Reads a vocabulary, from JSON where the name ends in ".json", else from text.
  ///
  /// - Throws: one line that names the file, the line, what came and what was expected.
  public static func read(_ path: String) throws(TextError) -> Vocabulary {
    if path.hasSuffix(".json") {
      let bytes = try readFile(path, as: "vocabulary")
      do {
        return try Vocabulary(json: bytes)
      } catch {
        throw TextError("vocabulary '\(path)': \(error)")
      }
    }
    return try Vocabulary(text: MappedFile(path, as: "vocabulary"))
  }

  /// The content of a text file. A special token's count is not kept.
  public var textContent: [UInt8] {
    var content: [UInt8] = []
    let special = specialTokens
    for id in 0..<Int32(count) {
      table.withBytes(of: id) { Self.appendEscaped($0, to: &content) }
      content.append(0x09)
      let index = Int(id)
      let second = index < special.count ? special[index].role.rawValue : "\(counts[index])"
      content.append(contentsOf: second.utf8)
      content.append(0x0A)
    }
    return content
  }

  /// The content of a JSON file.
  public var jsonContent: [UInt8] {
    let special = specialTokens.map {
      "    {\"token\": \(jsonQuoted($0.text)), \"role\": \"\($0.role.rawValue)\"}"
    }
    let tokens = (special.count..<count).map {
      "    [\(jsonQuoted(token(at: Int32($0)))), \(counts[$0])]"
    }
    func list(_ lines: [String]) -> String {
      lines.isEmpty ? "[]" : "[\n\(lines.joined(separator: ",\n"))\n  ]"
    }
    let text = """
      {
        "format": "vocabulary",
        "version": 1,
        "special_tokens": \(list(special)),
        "tokens": \(list(tokens))
      }

      """
    return Array(text.utf8)
  }

  private static func appendEscaped(
    _ token: UnsafeBufferPointer<UInt8>, to content: inout [UInt8]
  ) {
    for byte in token {
      switch byte {
      case 0x09: content += [0x5C, UInt8(ascii: "t")]
      case 0x0A: content += [0x5C, UInt8(ascii: "n")]
      case 0x0D: content += [0x5C, UInt8(ascii: "r")]
      case 0x5C: content += [0x5C, 0x5C]
      default: content.append(byte)
      }
    }
  }
}
