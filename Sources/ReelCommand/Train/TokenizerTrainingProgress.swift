import Foundation
import Reel

/// Shows how far the training of a tokenizer is, and heeds Ctrl-C.
final class TokenizerTrainingProgress {
  /// Ctrl-C came.
  struct Stopped: Error {}

  /// What is being done; each has a bar of its own.
  private enum Phase: String {
    case reading, choosing, measuring

    var unit: String { self == .choosing ? "tokens" : "bytes" }
  }

  private let kind: String
  private let fileCount: Int
  private let totalBytes: Int
  private var phase: Phase?
  private var bar = ProgressBar.onStandardError(label: "reading", unit: "bytes")
  private var last: ProgressReport?

  init(kind: String, files: [String]) {
    self.kind = kind
    fileCount = files.count
    totalBytes = files.reduce(0) { total, file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: file)
      return total + (attributes?[.size] as? Int ?? 0)
    }
  }

  func report(_ progress: TokenizerTrainer.Progress) throws {
    switch progress {
    case .reading(let bytes): try report(.reading, bytes, of: totalBytes)
    case .choosing(let tokens, let total): try report(.choosing, tokens, of: total)
    }
  }

  /// The tokens of so many bytes have been counted.
  func reportMeasured(bytes: Int) throws {
    try report(.measuring, bytes, of: totalBytes)
  }

  private func report(_ phase: Phase, _ done: Int, of total: Int) throws {
    if StopSignal.wasReceived { throw Stopped() }
    if phase != self.phase { begin(phase) }
    let report = ProgressReport(
      share: total > 0 ? Double(done) / Double(total) : nil, step: done, items: done)
    last = report
    bar.update(report)
  }

  private func begin(_ phase: Phase) {
    finish()
    // Not before a text has been read: what cannot be read is said in one line.
    if self.phase == nil {
      bar.note(
        "\(kind), \(TextFormat.grouped(totalBytes)) bytes in "
          + TextFormat.counted(fileCount, "file"))
    }
    self.phase = phase
    bar = ProgressBar.onStandardError(label: phase.rawValue, unit: phase.unit)
    // Lines do not say what they are about.
    if isLines { bar.note(phase.rawValue) }
  }

  private var isLines: Bool {
    if case .lines = bar.style { true } else { false }
  }

  /// Ends the line of the bar that stands.
  func finish() {
    if let last, !isLines { bar.finish(last) }
    last = nil
  }

  func abandon() { bar.abandon() }
}
