/// A JSON value whose objects keep their order.
///
/// Keys are compared byte for byte. Foundation's dictionaries compare strings by canonical
/// equivalence, where a vocabulary that holds both the kelvin sign and the letter K loses one.
enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// The kind of value, for errors.
  var kindName: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .string(let value): return jsonQuoted(value)
    case .array(let values): return "an array of \(values.count)"
    case .object(let object): return "an object of \(object.members.count)"
    }
  }
}

/// The members of a JSON object in the order of the text; no key comes twice.
struct JSONObject: Equatable, Sendable {
  struct Member: Equatable, Sendable {
    var key: String
    var value: JSONValue
  }

  var members: [Member]

  /// The value of a key, or nil; looks at one member after the other.
  subscript(key: String) -> JSONValue? {
    members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}
