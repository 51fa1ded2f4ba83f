/// How far a long job has come: what a progress bar shows.
public struct ProgressReport: Sendable, Equatable {
  /// The share that is done, 0…1; nil when nobody knows.
  public let share: Double?
  /// Steps done.
  public let step: Int
  /// Items (tokens) done; the rate is computed from it.
  public let items: Int
  /// The loss to show, in nats.
  public let loss: Double?

  /// A share outside 0…1 counts as the nearest end, NaN as nil.
  public init(share: Double?, step: Int, items: Int, loss: Double? = nil) {
    self.share = share.flatMap { $0.isNaN ? nil : min(max($0, 0), 1) }
    self.step = step
    self.items = items
    self.loss = loss
  }
}

/// Numbers as a person reads them; the same in every locale.
enum ProgressFormat {
  /// 1234567 → 1,234,567
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// 75 → 1:15, 3675 → 1:01:15
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let total = Int(max(seconds, 0).rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  /// A number with this many decimals.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    var unit = 1
    for _ in 0..<decimals { unit *= 10 }
    let scaled = Int((abs(value) * Double(unit)).rounded())
    let fraction = String(scaled % unit)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    return "\(sign)\(scaled / unit)."
      + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// `text` with spaces before it up to `width` characters.
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
