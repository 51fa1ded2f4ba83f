/// Reads JSON Lines: one JSON object on each line, strictly by RFC 8259. Empty lines are skipped,
/// and keys that nobody asked for are left alone.
public struct JSONLinesReader: Sendable {
  public var file: MappedFile { lines.file }
  /// The number of bytes that have been read.
  public var byteOffset: Int { lines.byteOffset }
  private var lines: Lines
  private var isAtEnd = false

  public init(_ file: MappedFile, invalidBytes: InvalidBytes = .refused) {
    lines = Lines(file, invalidBytes: invalidBytes)
  }

  /// The object of the next line and its number.
  mutating func nextObject() throws(TextError) -> (object: JSONObject, line: Int)? {
    guard !isAtEnd else { return nil }
    do {
      while let line = try lines.next() {
        if line.isBlank { continue }
        return (try object(line), line.number)
      }
      return nil
    } catch {
      isAtEnd = true
      throw error
    }
  }

  private func object(_ line: Line) throws(TextError) -> JSONObject {
    let value: JSONValue
    do {
      value = try JSONParser.parse(line.bytes)
    } catch {
      // The parser counts from this line.
      let text = error.description
      let first = "line 1, "
      throw TextError(
        "\(file.name), line \(line.number), "
          + (text.hasPrefix(first) ? String(text.dropFirst(first.count)) : text))
    }
    guard case .object(let object) = value else {
      throw file.error(line: line.number, "found \(value.kindName), expected an object")
    }
    return object
  }

  /// The text under a key.
  ///
  /// - Parameter acceptsNumbers: whether a whole number or a truth value will do as well, as labels
  ///   often are.
  func text(
    _ key: String, of object: JSONObject, line: Int, acceptsNumbers: Bool = false
  ) throws(TextError) -> String {
    guard let value = object[key] else {
      let keys = object.members.map(\.key)
      throw file.error(
        line: line,
        "no key \(jsonQuoted(key))"
          + (keys.isEmpty ? " in an empty object" : ", found only \(quotedList(keys))"))
    }
    switch value {
    case .string(let text): return text
    case .integer(let number) where acceptsNumbers: return "\(number)"
    case .boolean(let truth) where acceptsNumbers: return "\(truth)"
    default:
      throw file.error(
        line: line,
        "the key \(jsonQuoted(key)) is \(value.kindName), expected a string"
          + (acceptsNumbers ? " or a whole number" : ""))
    }
  }
}
