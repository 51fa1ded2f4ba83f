import ReelTraining
import Synchronization
import Testing

/// A clock that the test sets, and what was written.
private final class Screen: Sendable {
  private let state = Mutex((now: 0.0, text: ""))
  var now: Double {
    get { state.withLock { $0.now } }
    set { state.withLock { $0.now = newValue } }
  }
  func write(_ text: String) { state.withLock { $0.text += text } }
  /// What was written since the last time.
  func take() -> String {
    state.withLock { state in
      defer { state.text = "" }
      return state.text
    }
  }
  func bar(_ style: ProgressBar.Style, width: Int = 80) -> ProgressBar {
    ProgressBar(
      label: "training", style: style, width: { width }, clock: { self.now },
      write: { self.write($0) })
  }
}

/// After `seconds` of a training that takes 100 seconds, a step and 2,000 tokens each.
private func report(_ seconds: Int, loss: Double? = 1.4321) -> ProgressReport {
  ProgressReport(share: Double(seconds) / 100, step: seconds, items: 2000 * seconds, loss: loss)
}

@Suite struct ProgressBarTests {
  private let plain = ProgressBar.Style.terminal(colour: false, unicode: false)

  @Test func terminal() {
    let screen = Screen()
    var bar = screen.bar(plain)
    bar.update(report(0, loss: nil))
    #expect(
      screen.take() == "\rtraining ----------------------------------------    0%\u{1B}[K")
    screen.now = 25
    bar.update(report(25))
    let dashes = String(repeating: "-", count: 19)
    #expect(
      screen.take()
        == "\rtraining ######\(dashes)   25%  loss 1.432  2,000 tokens/s  1:15 left\u{1B}[K")
    screen.now = 100
    bar.finish(report(100))
    #expect(
      screen.take()
        == "\rtraining \(String(repeating: "#", count: 27))  100%  loss 1.432  "
        + "2,000 tokens/s  in 1:40\u{1B}[K\n")
  }

  @Test func colourAndUnicode() {
    let screen = Screen()
    var bar = screen.bar(.terminal(colour: true, unicode: true), width: 26)
    screen.now = 1
    bar.update(report(50, loss: nil))
    #expect(screen.take() == "\rtraining \u{1B}[32m━━━━━\u{1B}[0m─────   50%\u{1B}[K")
  }

  /// The line never fills the last column, whatever the width.
  @Test func fitsTheWidth() {
    for width in 1...100 {
      let screen = Screen()
      var bar = screen.bar(plain, width: width)
      bar.update(report(0))
      screen.now = 10
      bar.update(report(10))
      for line in screen.take().split(separator: "\r") {
        #expect(line.hasSuffix("\u{1B}[K"))
        #expect(line.count - "\u{1B}[K".count <= max(1, width - 1), "width \(width): \(line)")
      }
    }
  }

  @Test func atMostTenDrawingsASecond() {
    let screen = Screen()
    var bar = screen.bar(plain)
    var made = 0
    func counted(_ report: ProgressReport) -> ProgressReport {
      made += 1
      return report
    }
    for tick in 0..<2000 {
      screen.now = Double(tick) / 1000
      bar.update(counted(report(1)))
    }
    // A report that is not drawn is not made.
    #expect(made <= 21 && made >= 18)
    #expect(screen.take().split(separator: "\r").count == made)
  }

  @Test func linesInColumns() {
    let screen = Screen()
    var bar = screen.bar(.lines(every: 10))
    for second in 0...25 {
      screen.now = Double(second)
      bar.update(report(second, loss: second < 20 ? 10.25 : 1.4321))
    }
    #expect(
      screen.take() == """
         10.0%  step       10  loss 10.2500      2,000 tokens/s     1:30 left
         20.0%  step       20  loss  1.4321      2,000 tokens/s     1:20 left

        """)
    bar.note("validation loss 1.5000")
    screen.now = 100
    bar.finish(report(100))
    #expect(
      screen.take() == """
        validation loss 1.5000
        100.0%  step      100  loss  1.4321      2,000 tokens/s       in 1:40

        """)
  }

  @Test func notesStayAboveTheBar() {
    let screen = Screen()
    var bar = screen.bar(plain, width: 20)
    bar.note("first")
    #expect(screen.take() == "first\n")
    bar.update(report(0, loss: nil))
    #expect(screen.take() == "\rtraining    0%\u{1B}[K")
    bar.note("second")
    #expect(screen.take() == "\r\u{1B}[Ksecond\n")
    screen.now = 1
    bar.update(report(1, loss: nil))
    bar.abandon()
    #expect(screen.take() == "\rtraining    1%\u{1B}[K\n")
    bar.abandon()
    #expect(screen.take().isEmpty)
  }

  /// What was done before the training was resumed counts neither for the rate nor for the time.
  @Test func resumed() {
    let screen = Screen()
    var bar = screen.bar(.lines(every: 10))
    bar.update(report(60))
    screen.now = 10
    bar.update(report(70))
    #expect(
      screen.take()
        == " 70.0%  step       70  loss  1.4321      2,000 tokens/s     0:30 left\n")
  }

  @Test func unknownShareAndOddNumbers() {
    let screen = Screen()
    var bar = screen.bar(plain)
    bar.update(ProgressReport(share: .nan, step: 1_234_567, items: 0, loss: .nan))
    #expect(screen.take() == "\rtraining  step 1,234,567  loss nan\u{1B}[K")
    bar.finish(ProgressReport(share: 7, step: 1, items: 0, loss: -.infinity))
    #expect(screen.take().hasPrefix("\rtraining ####"))
  }

  @Test func styleFollowsTheEnvironment() {
    func style(_ isTerminal: Bool, _ environment: [String: String]) -> ProgressBar.Style {
      ProgressBar.style(isTerminal: isTerminal, environment: environment)
    }
    #expect(style(false, ["LANG": "en_US.UTF-8"]) == .lines(every: 10))
    #expect(style(true, ["TERM": "dumb"]) == .lines(every: 10))
    #expect(style(true, ["LANG": "en_US.UTF-8"]) == .terminal(colour: true, unicode: true))
    #expect(
      style(true, ["LANG": "C.utf8", "NO_COLOR": "1"]) == .terminal(colour: false, unicode: true))
    #expect(
      style(true, ["LC_ALL": "C", "LANG": "en_US.UTF-8", "NO_COLOR": ""])
        == .terminal(colour: true, unicode: false))
  }
}
