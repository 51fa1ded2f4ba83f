/// An object of a `tokenizer.json`, with checks whose errors name it.
struct FileSection {
  let object: JSONObject
  let name: String

  init(_ value: JSONValue?, name: String) throws(TextError) {
    guard case .object(let object)? = value else {
      throw TextError("\(name) is \(value?.kindName ?? "missing"), expected an object")
    }
    self.object = object
    self.name = name
  }

  /// The object that a key holds.
  func section(_ key: String) throws(TextError) -> FileSection {
    try FileSection(object[key], name: key)
  }

  /// The object that a key holds; nil where it is null or missing.
  func optionalSection(_ key: String) throws(TextError) -> FileSection? {
    guard let value = object[key], value != .null else { return nil }
    return try FileSection(value, name: key)
  }

  /// The objects of an array that a key holds.
  func sections(_ key: String) throws(TextError) -> [FileSection] {
    var sections: [FileSection] = []
    for (index, value) in try array(key).enumerated() {
      sections.append(try FileSection(value, name: "\(key)[\(index)]"))
    }
    return sections
  }

  /// What the key "type" says.
  var type: String? {
    if case .string(let type)? = object["type"] { return type }
    return nil
  }

  /// The type as an error quotes it.
  var typeText: String { valueText("type") }

  /// A value as an error quotes it.
  func valueText(_ key: String) -> String {
    object[key]?.kindName ?? "missing"
  }

  /// The error of a value that is not what was expected.
  func unexpected(_ key: String, expected: String) -> TextError {
    TextError("\(key) of \(name) is \(valueText(key)), expected \(expected)")
  }

  /// The error of a part whose type Reel does not have.
  func unsupportedType(expected: String) -> TextError {
    TextError("\(name) is of type \(typeText), which is not supported, expected \(expected)")
  }

  // MARK: Values

  func string(_ key: String) throws(TextError) -> String {
    guard case .string(let value)? = object[key] else {
      throw unexpected(key, expected: "a string")
    }
    return value
  }

  /// A string, or nil where the key is null or missing.
  func optionalString(_ key: String) throws(TextError) -> String? {
    guard let value = object[key], value != .null else { return nil }
    return try string(key)
  }

  func character(_ key: String) throws(TextError) -> Unicode.Scalar {
    let scalars = Array(try string(key).unicodeScalars)
    guard scalars.count == 1 else { throw unexpected(key, expected: "one character") }
    return scalars[0]
  }

  /// A truth value; `standard` where the key is missing, if there is one.
  func boolean(_ key: String, standard: Bool? = nil) throws(TextError) -> Bool {
    if case .boolean(let value)? = object[key] { return value }
    guard let standard, object[key] == nil else { throw unexpected(key, expected: "true or false") }
    return standard
  }

  /// A whole number within a range; `standard` where the key is missing, if there is one.
  func integer(
    _ key: String, in range: ClosedRange<Int>, standard: Int? = nil
  ) throws(TextError) -> Int {
    if let standard, object[key] == nil { return standard }
    guard case .integer(let value)? = object[key], range.contains(value) else {
      let limits = "\(range.lowerBound) to \(range.upperBound)"
      throw unexpected(key, expected: "a whole number from \(limits)")
    }
    return value
  }

  /// A token id.
  func id(_ key: String) throws(TextError) -> Int32 {
    Int32(try integer(key, in: 0...Int(Int32.max) - 1))
  }

  func array(_ key: String) throws(TextError) -> [JSONValue] {
    guard case .array(let values)? = object[key] else {
      throw unexpected(key, expected: "an array")
    }
    return values
  }

  /// One of the cases of an enumeration, by its name in the file.
  func oneOf<Choice: RawRepresentable<String>>(
    _ key: String, _ choices: [Choice], standard: Choice? = nil
  ) throws(TextError) -> Choice {
    if let standard, object[key] == nil { return standard }
    if case .string(let text)? = object[key],
      let choice = choices.first(where: { $0.rawValue == text })
    {
      return choice
    }
    let names = choices.map { jsonQuoted($0.rawValue) }.joined(separator: ", ")
    throw unexpected(key, expected: "one of \(names)")
  }

  /// Refuses keys outside a list.
  func allow(_ keys: [String]) throws(TextError) {
    for member in object.members where member.key != "type" && !keys.contains(member.key) {
      throw TextError("\(name) has the key \(jsonQuoted(member.key)), which is not supported")
    }
  }
}
