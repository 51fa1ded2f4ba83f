/// Which column of a row is meant: by its number, from 1 as `cut -f` counts, or by its name in the
/// header. Literals will do: `text: 2` or `text: "review"`.
public enum Field: Sendable, Hashable, CustomStringConvertible, ExpressibleByIntegerLiteral,
  ExpressibleByStringLiteral
{
  case number(Int)
  case name(String)

  public init(integerLiteral value: Int) { self = .number(value) }
  public init(stringLiteral value: String) { self = .name(value) }

  /// `column 2` or `column "review"`.
  public var description: String {
    switch self {
    case .number(let number): "column \(number)"
    case .name(let name): "column \(jsonQuoted(name))"
    }
  }
}
