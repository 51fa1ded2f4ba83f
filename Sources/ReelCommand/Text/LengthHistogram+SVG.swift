import Foundation

extension LengthHistogram {
  /// A picture of the bins as a file of Scalable Vector Graphics.
  ///
  /// - Parameters:
  ///   - title: stands above it.
  ///   - unit: what is counted in a length, for example "tokens".
  func svg(title: String, unit: String) -> String {
    let (width, height) = (720.0, 400.0)
    let (left, right, top, bottom) = (72.0, 24.0, 48.0, 64.0)
    let bins = bins()
    let largest = Double(max(1, bins.map(\.count).max() ?? 1))
    let slot = (width - left - right) / Double(max(1, bins.count))
    let scale = (height - top - bottom) / largest

    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"400\" "
        + "viewBox=\"0 0 720 400\" font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"720\" height=\"400\" fill=\"white\"/>",
      text(escaped(title), x: left, y: 28, anchor: "start", size: 15),
    ]
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
      let y = height - bottom - share * largest * scale
      parts.append(
        "<line x1=\"\(number(left))\" x2=\"\(number(width - right))\" y1=\"\(number(y))\" "
          + "y2=\"\(number(y))\" stroke=\"#ddd\"/>")
      let count = TextFormat.grouped(Int((share * largest).rounded()))
      parts.append(text(count, x: left - 8, y: y + 4, anchor: "end", size: 12))
    }
    for (index, bin) in bins.enumerated() {
      let x = left + Double(index) * slot
      let barHeight = Double(bin.count) * scale
      let (low, high) = (bin.lengths.lowerBound, bin.lengths.upperBound)
      let name = low == high ? "\(low)" : "\(low)–\(high)"
      parts.append(
        "<rect x=\"\(number(x + slot * 0.08))\" y=\"\(number(height - bottom - barHeight))\" "
          + "width=\"\(number(slot * 0.84))\" height=\"\(number(barHeight))\" fill=\"#3b6ea8\">"
          + "<title>\(name): \(bin.count)</title></rect>")
      parts.append(
        text(name, x: x + slot / 2, y: height - bottom + 18, anchor: "middle", size: 11))
    }
    parts.append(
      text(escaped(unit), x: (left + width - right) / 2, y: height - 16, anchor: "middle", size: 13)
    )
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func text(_ text: String, x: Double, y: Double, anchor: String, size: Int) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">"
      + "\(text)</text>"
  }

  private func number(_ value: Double) -> String { TextFormat.fixed(value, 1) }

  private func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
  }
}
