import Foundation
import Testing

/// A built example, run as a user would.
struct ExampleProcess {
  let status: Int32
  let output: String
  let error: String

  /// Runs it to its end; its files of output lie in `folder`.
  init(_ name: String, _ arguments: [String] = [], in folder: TestFolder) throws {
    // The executables lie beside the test bundle.
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: own).deletingLastPathComponent()
      .appendingPathComponent(name)
    try #require(
      FileManager.default.isExecutableFile(atPath: program.path), "\(program.path) is not built")
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    // To files and not to pipes, so that the example never waits for a reader.
    func file(_ name: String) throws -> FileHandle {
      _ = FileManager.default.createFile(atPath: folder.file(name), contents: nil)
      return try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file(name)))
    }
    process.standardOutput = try file("output")
    process.standardError = try file("error")
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = try folder.text("output")
    error = try folder.text("error")
  }

  /// The number that follows some words of the output.
  func number(after words: String) throws -> Double {
    let place = try #require(output.range(of: words), "no '\(words)' in: \(output)")
    let digits = output[place.upperBound...].drop { $0 == " " }.prefix {
      "0123456789.".contains($0)
    }
    return try #require(Double(digits), "no number after '\(words)' in: \(output)")
  }

  /// The lines of the output, each cut at white space.
  var rows: [[Substring]] {
    output.split(separator: "\n").map { $0.split(separator: " ") }
  }
}

/// A folder of a test's own, removed with it.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("reel-examples-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }
}
