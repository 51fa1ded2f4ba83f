import Foundation
import Synchronization
import Testing

/// A process whose output goes to files, so that it can never wait for somebody to read.
final class ToolProcess {
  private let process: pid_t
  private let outputPath: String
  private let errorPath: String
  private static let count = Atomic<Int>(0)

  /// - Parameters:
  ///   - outputTo: a descriptor that takes the place of standard output's file.
  ///   - errorTo: a descriptor that takes the place of standard error's file.
  init(
    _ program: String, _ arguments: [String], in folder: TestFolder, outputTo: Int32? = nil,
    errorTo: Int32? = nil
  ) throws {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    outputPath = folder.file("output-\(number)")
    errorPath = folder.file("error-\(number)")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let outputTo {
      posix_spawn_file_actions_adddup2(&actions, outputTo, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, outputPath, flags, 0o600)
    }
    if let errorTo {
      posix_spawn_file_actions_adddup2(&actions, errorTo, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, errorPath, flags, 0o600)
    }
    // A thread of the test run may block signals, and a script may have ignored them: the tool
    // starts as from a terminal.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = ([program] + arguments).map { (word: String) in strdup(word) }
    // What the environment of the test run says about terminals must not matter.
    let variables = ["PATH=/usr/bin:/bin", "TERM=xterm", "LC_ALL=C.UTF-8"]
      .map { (variable: String) in strdup(variable) }
    defer { (words + variables).forEach { free($0) } }
    var process = pid_t()
    let error = posix_spawn(
      &process, program, &actions, &attributes, words + [nil], variables + [nil])
    try #require(error == 0, "cannot start \(program): \(String(cString: strerror(error)))")
    self.process = process
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// What standard output has got so far.
  var outputSoFar: String {
    FileManager.default.contents(atPath: outputPath).map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  /// What standard error has got so far.
  var errorSoFar: String {
    FileManager.default.contents(atPath: errorPath).map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  /// Waits, at most a minute, until standard output holds a text.
  func waitForOutput(_ text: String) throws {
    for _ in 0..<6000 {
      if outputSoFar.contains(text) { return }
      usleep(10_000)
    }
    Issue.record("no '\(text)' in: \(outputSoFar)")
  }

  /// Waits, at most a minute, until standard error holds a text.
  func waitForError(_ text: String) throws {
    for _ in 0..<6000 {
      if errorSoFar.contains(text) { return }
      usleep(10_000)
    }
    Issue.record("no '\(text)' in: \(errorSoFar)")
  }

  func wait() throws -> ToolResult {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 { try #require(errno == EINTR) }
    let signal = status & 0x7F
    return ToolResult(
      code: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
      output: outputSoFar, error: errorSoFar)
  }
}
