/// An object of a `tokenizer.json`, with checks whose errors name it.
struct FileSection {
  let object: JSONObject
  private let name: String

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

  func expectType(_ expected: String) throws(TextError) {
    guard type == expected else {
      throw TextError("\(name) is of type \(typeText), expected \"\(expected)\"")
    }
  }

  func expect(_ key: String, _ value: JSONValue) throws(TextError) {
    guard object[key] == value else {
      throw TextError("\(key) of \(name) is \(valueText(key)), expected \(value.kindName)")
    }
  }

  /// Refuses a part that Reel does not have, by its name.
  func refuseUnlessNull(_ key: String) throws(TextError) {
    guard let value = object[key], value != .null else { return }
    if case .object(let part) = value, case .string(let type)? = part["type"] {
      throw TextError("\(key) of type \(jsonQuoted(type)) is not supported, expected none")
    }
    throw TextError("\(key) is \(value.kindName), which is not supported, expected none")
  }

  /// Refuses keys outside a list.
  func allow(_ keys: [String]) throws(TextError) {
    for member in object.members where !keys.contains(member.key) {
      throw TextError("\(name) has the key \(jsonQuoted(member.key)), which is not supported")
    }
  }
}
