import Foundation

/// Lines over a common horizontal axis, written as Scalable Vector Graphics for light and dark pages.
struct LineChart {
  struct Line {
    let name: String
    let points: [(x: Double, y: Double)]
  }

  let title: String
  let isLogarithmic: Bool
  let lines: [Line]

  private static let (width, height, left, top) = (640.0, 220.0, 64.0, 56.0)
  private static let (right, gap) = (24.0, 56.0)

  /// Several charts, one below the other.
  static func picture(title: String, horizontal: String, _ charts: [LineChart]) -> String {
    let whole = top + Double(charts.count) * (height + gap) + 8
    let names = charts.first?.lines.map(\.name) ?? []
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(whole)" width="\(width)" \
      height="\(whole)" font-family="sans-serif" font-size="12" role="img">
      <title>\(title)</title>
      <style>
        svg { background: #fff } text { fill: #222 } .grid { stroke: #222; opacity: 0.2 }
        polyline { fill: none; stroke-width: 2 }
        .c0 { stroke: #b03a2e } .c1 { stroke: #1f6fb2; stroke-dasharray: 7 3 }
        .c2 { stroke: #2e7d32; stroke-dasharray: 2 2 }
        @media (prefers-color-scheme: dark) {
          svg { background: #161616 } text { fill: #ddd } .grid { stroke: #ddd }
          .c0 { stroke: #f1948a } .c1 { stroke: #7fb8ea } .c2 { stroke: #86d08a }
        }
      </style>
      """,
      text(title, left, 20, "start", size: 15),
    ]
    for (index, name) in names.enumerated() {
      let x = width - right - Double(names.count - index) * 76
      parts.append(polyline(index, [(x, 36), (x + 24, 36)]))
      parts.append(text(name, x + 30, 40, "start"))
    }
    for (index, chart) in charts.enumerated() {
      parts += chart.parts(top: top + Double(index) * (height + gap), horizontal: horizontal)
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func parts(top: Double, horizontal: String) -> [String] {
    let (width, height, left, right) = (Self.width, Self.height, Self.left, Self.right)
    let points = lines.flatMap(\.points)
    let xs = (low: points.map(\.x).min() ?? 0, high: points.map(\.x).max() ?? 1)
    func scaled(_ y: Double) -> Double { isLogarithmic ? log10(max(y, 1e-30)) : y }
    let ys = points.map { scaled($0.y) }
    let step = isLogarithmic ? max(1, (((ys.max() ?? 0) - (ys.min() ?? 0)) / 6).rounded(.up)) : 0.1
    let low = ((ys.min() ?? 0) / step + 1e-9).rounded(.down) * step
    let high = max(low + step, ((ys.max() ?? 1) / step - 1e-9).rounded(.up) * step)
    func x(_ value: Double) -> Double {
      left + (value - xs.low) / max(xs.high - xs.low, 1) * (width - left - right)
    }
    func y(_ value: Double) -> Double { top + (high - value) / (high - low) * height }

    var parts = [Self.text(title, left, top - 8, "start", size: 13)]
    for tick in stride(from: low, through: high + step / 2, by: step) {
      let label = isLogarithmic ? "1e\(Int(tick))" : String(format: "%.0f %%", 100 * tick)
      parts.append(Self.grid((left, y(tick)), (width - right, y(tick))))
      parts.append(Self.text(label, left - 8, y(tick) + 4, "end"))
    }
    for tick in stride(from: xs.low, through: xs.high, by: 2) {
      parts.append(Self.grid((x(tick), top), (x(tick), top + height)))
      parts.append(Self.text("\(Int(tick))", x(tick), top + height + 16, "middle"))
    }
    parts.append(Self.text(horizontal, (left + width - right) / 2, top + height + 32, "middle"))
    for (index, line) in lines.enumerated() {
      parts.append(Self.polyline(index, line.points.map { (x($0.x), y(scaled($0.y))) }))
    }
    return parts
  }

  private static func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, size: Int = 12
  ) -> String {
    let place = "x=\"\(number(x))\" y=\"\(number(y))\""
    return "<text \(place) text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(text)</text>"
  }

  private static func grid(_ from: (Double, Double), _ to: (Double, Double)) -> String {
    let ends = [number(from.0), number(from.1), number(to.0), number(to.1)]
    return
      "<line class=\"grid\" x1=\"\(ends[0])\" y1=\"\(ends[1])\" x2=\"\(ends[2])\" y2=\"\(ends[3])\"/>"
  }

  private static func polyline(_ color: Int, _ points: [(Double, Double)]) -> String {
    let places = points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
    return "<polyline class=\"c\(color)\" points=\"\(places)\"/>"
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
