extension JSONValue {
  /// An object with these members, in their order.
  static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(JSONObject(members: members.map { JSONObject.Member(key: $0.key, value: $0.value) }))
  }

  /// An object whose first member is its type.
  static func part(_ type: String, _ members: KeyValuePairs<String, JSONValue> = [:]) -> JSONValue {
    let first = JSONObject.Member(key: "type", value: .string(type))
    return .object(
      JSONObject(
        members: [first] + members.map { JSONObject.Member(key: $0.key, value: $0.value) }))
  }

  /// A string, or null.
  static func optional(_ text: String?) -> JSONValue {
    text.map { .string($0) } ?? .null
  }

  static func id(_ id: Int32) -> JSONValue { .integer(Int(id)) }
}
