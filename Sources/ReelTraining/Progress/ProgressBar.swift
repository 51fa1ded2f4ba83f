/// Shows how far a training has come, and how fast it goes.
///
/// On a terminal it is one line that is drawn again at most ten times a second:
///
///     training ━━━━━━━━━━──────────  45%  loss 1.432  12,345 tokens/s  2:05 left
///
/// Elsewhere it is a plain line now and then (by default every ten seconds), in columns:
///
///      45.0%  step    1,234  loss  1.4320     12,345 tokens/s     2:05 left
///
/// Calling `update` costs one reading of the clock; the report is only made when it is drawn.
public struct ProgressBar: Sendable {
  public enum Style: Sendable, Equatable {
    /// One line that is drawn again. The width is asked for at each drawing.
    case terminal(colour: Bool, unicode: Bool)
    /// Lines, at most one in this many seconds.
    case lines(every: Double)
  }

  public let label: String
  /// What the rate counts.
  public let unit: String
  public let style: Style
  private let width: @Sendable () -> Int
  private let clock: @Sendable () -> Double
  private let write: @Sendable (String) -> Void

  /// Seconds between two drawings on a terminal.
  private static let interval = 0.1
  /// Seconds over which the rate is averaged.
  private static let memory = 5.0

  private var nextDrawing = -Double.infinity
  private var lineIsOpen = false
  // Where the estimates begin: a resumed training starts with steps already done.
  private var start: (time: Double, report: ProgressReport)?
  private var last: (time: Double, items: Int)?
  private var rate: Double?

  /// - Parameters:
  ///   - width: columns of the terminal.
  ///   - clock: seconds that never go backwards.
  ///   - write: takes text as it is, line ends included.
  public init(
    label: String, unit: String = "tokens", style: Style,
    width: @escaping @Sendable () -> Int = { 80 }, clock: @escaping @Sendable () -> Double,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.label = label
    self.unit = unit
    self.style = style
    self.width = width
    self.clock = clock
    self.write = write
  }

  /// Draws the report if it is time to. The first one is drawn at once on a terminal; elsewhere
  /// the first line comes when the interval is over.
  public mutating func update(_ report: @autoclosure () -> ProgressReport) {
    let now = clock()
    guard now >= nextDrawing else { return }
    let report = report()
    if start == nil { begin(now, report) }
    measure(now, report)
    switch style {
    case .terminal:
      nextDrawing = now + Self.interval
      draw(now, report)
    case .lines(let every):
      let isFirst = nextDrawing == -.infinity
      nextDrawing = now + every
      if !isFirst { draw(now, report) }
    }
  }

  /// Prints a line that stays, above the bar.
  public mutating func note(_ text: String) {
    write(eraseLine + text + "\n")
    lineIsOpen = false
    // The bar comes back soon; lines keep their time.
    if case .terminal = style { nextDrawing = min(nextDrawing, clock() + Self.interval) }
  }

  /// Draws a last report, whatever the time, and ends the line.
  public mutating func finish(_ report: ProgressReport) {
    let now = clock()
    if start == nil { begin(now, report) }
    // The mean over all: what the training came to.
    if let start, now > start.time, report.items > start.report.items {
      rate = Double(report.items - start.report.items) / (now - start.time)
    }
    draw(now, report, isLast: true)
    if lineIsOpen { write("\n") }
    lineIsOpen = false
  }

  /// Ends the line without another drawing, for a job that is broken off.
  public mutating func abandon() {
    if lineIsOpen { write("\n") }
    lineIsOpen = false
  }

  // MARK: Estimates

  private mutating func begin(_ now: Double, _ report: ProgressReport) {
    start = (now, report)
    last = (now, report.items)
  }

  /// A mean of the rate that forgets what is older than some seconds.
  private mutating func measure(_ now: Double, _ report: ProgressReport) {
    guard let last, now > last.time, report.items > last.items else { return }
    let seconds = now - last.time
    let current = Double(report.items - last.items) / seconds
    let keep = rate == nil ? 0 : Self.memory / (Self.memory + seconds)
    rate = keep * (rate ?? 0) + (1 - keep) * current
    self.last = (now, report.items)
  }

  private func secondsLeft(_ now: Double, _ report: ProgressReport) -> Double? {
    guard let start, let share = report.share else { return nil }
    let done = share - (start.report.share ?? 0)
    guard done > 0, now > start.time else { return nil }
    return (now - start.time) * max(0, 1 - share) / done
  }

  // MARK: Drawing

  private var eraseLine: String { lineIsOpen ? "\r\u{1B}[K" : "" }

  private mutating func draw(_ now: Double, _ report: ProgressReport, isLast: Bool = false) {
    // A last line names the time it took in place of the time left.
    let time: String? =
      if isLast, let start {
        "in \(ProgressFormat.duration(now - start.time))"
      } else {
        secondsLeft(now, report).map { "\(ProgressFormat.duration($0)) left" }
      }
    switch style {
    case .lines:
      write(plainLine(report, time) + "\n")
    case .terminal(let colour, let unicode):
      write("\r" + barLine(report, time, colour: colour, unicode: unicode) + "\u{1B}[K")
      lineIsOpen = true
    }
  }

  private func plainLine(_ report: ProgressReport, _ time: String?) -> String {
    typealias Format = ProgressFormat
    var parts: [String] = []
    if let share = report.share {
      parts.append(Format.right("\(Format.fixed(100 * share, decimals: 1))%", 6))
    }
    parts.append("step \(Format.right(Format.grouped(report.step), 8))")
    if let loss = report.loss {
      parts.append("loss \(Format.right(Format.fixed(loss, decimals: 4), 7))")
    }
    if let rate {
      parts.append(Format.right(Format.grouped(Int(rate)), 9) + " \(unit)/s")
    }
    if let time { parts.append(Format.right(time, 12)) }
    return parts.joined(separator: "  ")
  }

  private func barLine(
    _ report: ProgressReport, _ time: String?, colour: Bool, unicode: Bool
  ) -> String {
    typealias Format = ProgressFormat
    // The last column stays free: some terminals wrap when it is written.
    let columns = max(1, width() - 1)
    // From the most to the least important; what does not fit is left out.
    var facts: [(order: Int, text: String)] = []
    if let share = report.share {
      facts.append((0, Format.right("\(Int(100 * share))%", 4)))
    } else {
      facts.append((0, "step \(Format.grouped(report.step))"))
    }
    if let loss = report.loss { facts.append((1, "loss \(Format.fixed(loss, decimals: 3))")) }
    if let time { facts.append((3, time)) }
    if let rate { facts.append((2, "\(Format.grouped(Int(rate))) \(unit)/s")) }

    var used = label.count
    var shown: [(order: Int, text: String)] = []
    for fact in facts where used + 2 + fact.text.count <= columns {
      shown.append(fact)
      used += 2 + fact.text.count
    }
    shown.sort { $0.order < $1.order }
    let text = shown.map(\.text).joined(separator: "  ")

    let free = columns - used - 1
    guard let share = report.share, free >= 5 else {
      return String((label + "  " + text).prefix(columns))
    }
    let cells = min(free, 40)
    let full = Int((Double(cells) * share).rounded(.down))
    let done = String(repeating: unicode ? "━" : "#", count: full)
    let rest = String(repeating: unicode ? "─" : "-", count: cells - full)
    let bar = colour ? "\u{1B}[32m\(done)\u{1B}[0m\(rest)" : done + rest
    return "\(label) \(bar)  \(text)"
  }
}
