/// Height and width of a window, its stride or its padding. `3` is [3, 3], and `[1, 7]` one row
/// of seven.
public struct Extent: Sendable, Hashable {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }

  /// [height, width]
  public var sizes: [Int] { [height, width] }
}

extension Extent: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral value: Int) { self.init(value, value) }

  public init(arrayLiteral elements: Int...) {
    precondition(elements.count == 2, "Extent \(elements): [height, width] is expected")
    self.init(elements[0], elements[1])
  }
}

extension Extent: CustomStringConvertible {
  public var description: String { height == width ? "\(height)" : "\(height)×\(width)" }
}

extension Extent: Codable {
  /// One number for both axes, or a list of two.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let both = try? container.decode(Int.self) {
      self.init(both, both)
      return
    }
    let sizes = try container.decode([Int].self)
    guard sizes.count == 2 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "extent \(sizes): one number or [height, width] expected")
    }
    self.init(sizes[0], sizes[1])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if height == width { try container.encode(height) } else { try container.encode(sizes) }
  }
}
