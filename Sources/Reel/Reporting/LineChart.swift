import Foundation

/// Lines over a common horizontal axis, as Scalable Vector Graphics that read on light and on dark
/// pages, in colour and without.
///
/// ```swift
/// let chart = LineChart(
///   title: "held-out loss", lines: [LineChart.Line("lstm", losses.map { ($0.epoch, $0.loss) })])
/// try chart.svg(horizontal: "epoch").write(toFile: "loss.svg", atomically: true, encoding: .utf8)
/// ```
public struct LineChart: Sendable {
  /// One line: its name in the legend, and its points from left to right. Points that are no
  /// numbers, or not above 0 on a logarithmic scale, are left out.
  public struct Line: Sendable {
    public var name: String
    public var points: [(x: Double, y: Double)]

    public init(_ name: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  /// How values become heights.
  public enum Scale: Sendable {
    case linear
    /// As linear, with 1 written as 100 %.
    case percent
    /// Powers of ten.
    case logarithmic
  }

  public var title: String
  public var scale: Scale
  public var lines: [Line]

  public init(title: String, scale: Scale = .linear, lines: [Line]) {
    self.title = title
    self.scale = scale
    self.lines = lines
  }

  /// The chart as a file.
  ///
  /// - Parameter horizontal: what the horizontal axis counts.
  public func svg(horizontal: String) -> String {
    Self.svg(title: "", horizontal: horizontal, [self])
  }

  private static let (width, height, left, right) = (640.0, 220.0, 72.0, 24.0)
  private static let (top, gap) = (64.0, 64.0)

  /// Several charts, one below the other, with the legend of the first one's lines above all.
  public static func svg(title: String, horizontal: String, _ charts: [LineChart]) -> String {
    let whole = top + Double(charts.count) * (height + gap)
    let names = charts.first?.lines.map(\.name) ?? []
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(whole))" \
      width="\(Int(width))" height="\(Int(whole))" font-family="sans-serif" role="img">
      <title>\(SVG.escaped(title.isEmpty ? charts.first?.title ?? "" : title))</title>
      <style>
        svg { background: #fff } text { fill: #222 } .grid { stroke: #222; opacity: 0.2 }
        polyline { fill: none; stroke-width: 2 }
      \(lineStyles(\.light, indent: "  "))
        @media (prefers-color-scheme: dark) {
          svg { background: #161616 } text { fill: #ddd } .grid { stroke: #ddd }
      \(lineStyles(\.dark, indent: "    "))
        }
      </style>
      """,
      SVG.text(title, x: left, y: 20, size: 15),
    ]
    let slot = (width - left - right) / Double(max(5, names.count))
    for (index, name) in names.enumerated() {
      let x = left + Double(index) * slot
      parts.append(polyline(index, [(x, 36), (x + 24, 36)]))
      parts.append(SVG.text(name, x: x + 30, y: 40))
    }
    for (index, chart) in charts.enumerated() {
      parts += chart.parts(top: top + Double(index) * (height + gap), horizontal: horizontal)
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func parts(top: Double, horizontal: String) -> [String] {
    let (width, height, left, right) = (Self.width, Self.height, Self.left, Self.right)
    let drawn = lines.map { line in
      line.points.filter { $0.x.isFinite && $0.y.isFinite && (scale != .logarithmic || $0.y > 0) }
        .map { (x: $0.x, y: scale == .logarithmic ? log10($0.y) : $0.y) }
    }
    let across = Axis(drawn.joined().map(\.x), ticks: 10, hasWholeSteps: false, isTight: true)
    let up = Axis(
      drawn.joined().map(\.y), ticks: 5, hasWholeSteps: scale == .logarithmic, isTight: false)
    func x(_ value: Double) -> Double { left + across.share(of: value) * (width - left - right) }
    func y(_ value: Double) -> Double { top + (1 - up.share(of: value)) * height }

    var parts = [SVG.text(title, x: left, y: top - 8, size: 13)]
    for tick in up.ticks {
      parts.append(SVG.line((left, y(tick)), (width - right, y(tick)), style: "class=\"grid\""))
      parts.append(SVG.text(label(tick), x: left - 8, y: y(tick) + 4, anchor: .end))
    }
    for tick in across.ticks {
      parts.append(SVG.line((x(tick), top), (x(tick), top + height), style: "class=\"grid\""))
      parts.append(
        SVG.text(Self.plain(tick), x: x(tick), y: top + height + 16, anchor: .middle))
    }
    parts.append(
      SVG.text(
        horizontal, x: (left + width - right) / 2, y: top + height + 34, anchor: .middle))
    for (index, points) in drawn.enumerated() {
      parts.append(Self.polyline(index, points.map { (x($0.x), y($0.y)) }))
    }
    return parts
  }

  private func label(_ tick: Double) -> String {
    switch scale {
    case .linear: Self.plain(tick)
    case .percent: Self.plain(100 * tick) + " %"
    case .logarithmic: "1e\(Int(tick.rounded()))"
    }
  }

  private static func plain(_ value: Double) -> String { String(format: "%.6g", value) }

  // MARK: Lines

  /// Colours with their dashes, so that lines can be told apart in print too.
  private static let looks: [(light: String, dark: String, dashes: String)] = [
    ("#b03a2e", "#f1948a", ""), ("#1f6fb2", "#7fb8ea", "7 3"), ("#2e7d32", "#86d08a", "2 2"),
    ("#7b3fa0", "#c39bd8", "10 3 2 3"), ("#8a6d00", "#e0c050", "4 4"),
    ("#444444", "#bbbbbb", "1 3"),
  ]

  private static func lineStyles(
    _ color: (((light: String, dark: String, dashes: String)) -> String), indent: String
  ) -> String {
    looks.enumerated().map { index, look in
      let dashes = look.dashes.isEmpty ? "" : "; stroke-dasharray: \(look.dashes)"
      return "\(indent).c\(index) { stroke: \(color(look))\(dashes) }"
    }.joined(separator: "\n")
  }

  private static func polyline(_ index: Int, _ points: [(x: Double, y: Double)]) -> String {
    let places = points.map { "\(SVG.number($0.x)),\(SVG.number($0.y))" }.joined(separator: " ")
    return "<polyline class=\"c\(index % looks.count)\" points=\"\(places)\"/>"
  }
}

/// The range of an axis and where its ticks stand: at multiples of 1, 2 or 5 times a power of ten.
private struct Axis {
  private let low: Double
  private let high: Double
  let ticks: [Double]

  /// - Parameters:
  ///   - count: about how many ticks.
  ///   - isTight: whether the axis ends with the values instead of the next tick.
  init(_ values: [Double], ticks count: Int, hasWholeSteps: Bool, isTight: Bool) {
    let smallest = values.min() ?? 0
    var largest = values.max() ?? 1
    if largest <= smallest { largest = smallest + 1 }
    let rough = (largest - smallest) / Double(count)
    let power = pow(10, floor(log10(rough)))
    var step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
    if hasWholeSteps { step = max(1, step.rounded(.up)) }
    // A hundred-millionth of a step is rounding, not distance.
    let rounding = isTight ? 1e-8 : -1e-8
    let first = (smallest / step - rounding).rounded(isTight ? .up : .down)
    let last = (largest / step + rounding).rounded(isTight ? .down : .up)
    ticks = first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
    low = isTight ? smallest : first * step
    high = isTight ? largest : last * step
  }

  func share(of value: Double) -> Double { (value - low) / (high - low) }
}
