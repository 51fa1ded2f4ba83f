import Foundation

/// The few elements of Scalable Vector Graphics that plots are made of.
package enum SVG {
  /// Where a text stands relative to its point.
  package enum Anchor: String { case start, middle, end }

  package static func text(
    _ text: String, x: Double, y: Double, anchor: Anchor = .start, size: Int = 12
  ) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor.rawValue)\" "
      + "font-size=\"\(size)\">\(escaped(text))</text>"
  }

  package static func line(
    _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), style: String
  ) -> String {
    "<line \(style) x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" "
      + "y2=\"\(number(to.y))\"/>"
  }

  /// One decimal is less than anybody sees.
  package static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  package static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}
