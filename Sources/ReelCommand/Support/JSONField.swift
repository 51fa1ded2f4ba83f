/// A value for JSON whose keys are only known at run time, labels for example; they stay as they
/// are, where `JSONOutput` would write the names of properties in snake_case.
enum JSONField: Encodable {
  /// Null where there is none, or it is infinite or no number.
  case number(Double?)
  case integer(Int?)
  case text(String?)
  case list([JSONField])
  case object([String: JSONField])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(JSONNumber(value))
    case .integer(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let fields): try container.encode(fields)
    case .object(let fields): try container.encode(fields)
    }
  }
}
