import Foundation

extension ProgressBar {
  /// A bar on standard error, as that allows: on a terminal one line that is drawn again, with
  /// colour unless NO_COLOR is set, with Unicode if the locale has it; lines when standard error
  /// goes to a file or a pipe, or to a terminal that cannot move its cursor.
  public static func onStandardError(label: String, unit: String = "tokens") -> ProgressBar {
    let environment = ProcessInfo.processInfo.environment
    return ProgressBar(
      label: label, unit: unit,
      style: style(isTerminal: isatty(STDERR_FILENO) == 1, environment: environment),
      width: terminalWidth, clock: monotonicSeconds,
      // A closed standard error must not end the training.
      write: { text in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) })
  }

  /// The style for a stream in an environment.
  public static func style(isTerminal: Bool, environment: [String: String]) -> Style {
    guard isTerminal, environment["TERM"] != "dumb" else { return .lines(every: 10) }
    let noColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    // The first that is set and not empty decides, as in POSIX.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let charset = locale?.lowercased() ?? ""
    return .terminal(
      colour: !noColour, unicode: charset.contains("utf-8") || charset.contains("utf8"))
  }

  @Sendable private static func terminalWidth() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  @Sendable private static func monotonicSeconds() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }
}
