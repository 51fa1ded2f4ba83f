/// How many channels or values a layer puts out: a number, or as many as there are classes.
public enum Width: Sendable, Hashable {
  case count(Int)
  /// One for each class that the network tells apart.
  case classes

  func count(classes: Int) -> Int {
    switch self {
    case .count(let count): count
    case .classes: classes
    }
  }
}

extension Width: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .count(value) }
}

extension Width: Codable {
  /// A number, or "classes".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let count = try? container.decode(Int.self) {
      self = .count(count)
      return
    }
    let word = try container.decode(String.self)
    guard word == "classes" else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "width \"\(word)\": a number or \"classes\" expected")
    }
    self = .classes
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .count(let count): try container.encode(count)
    case .classes: try container.encode("classes")
    }
  }
}
