import Foundation
import Testing

/// The built `reel`, run as a user would.
enum Tool {
  /// The executable lies beside the test bundle.
  static var path: String {
    get throws {
      let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let path = URL(fileURLWithPath: own).deletingLastPathComponent()
        .appendingPathComponent("reel").path
      try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
      return path
    }
  }

  /// Runs it to its end.
  static func run(_ arguments: [String], in folder: TestFolder) throws -> ToolResult {
    try ToolProcess(try path, arguments, in: folder).wait()
  }

  /// Runs a shell command in which `$REEL` is the tool.
  static func shell(_ command: String, in folder: TestFolder) throws -> ToolResult {
    try ToolProcess("/bin/sh", ["-c", "REEL='\(try path)'; \(command)"], in: folder).wait()
  }

  /// Runs it and expects one line on standard error that holds `words`, and nothing on standard
  /// output.
  static func expectError(
    _ code: Int32, _ words: String..., from arguments: [String], in folder: TestFolder,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Tool.run(arguments, in: folder)
    #expect(result.code == code, "\(arguments): \(result.error)", sourceLocation: location)
    #expect(
      result.errorLines.count == 1 && result.error.hasPrefix("Error: ") && result.output.isEmpty,
      "\(arguments): \(result.error)", sourceLocation: location)
    for word in words {
      #expect(
        result.error.contains(word), "\(arguments): \(result.error)", sourceLocation: location)
    }
  }
}

/// What a run left behind.
struct ToolResult {
  /// The exit code; of a process that a signal ended, 128 and the signal's number.
  let code: Int32
  let output: String
  let error: String

  var errorLines: [Substring] {
    error.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The lines of standard output.
  var outputLines: [String] {
    output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { String($0) }
  }

  /// The objects on the lines of standard output.
  func jsonLines() throws -> [[String: Any]] {
    try outputLines.map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// The object on the last line of standard output.
  func json() throws -> [String: Any] {
    let line = try #require(output.split(separator: "\n").last)
    return try #require(
      JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}

/// A folder of a test's own, removed with it.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("reel-command-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func data(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: file(name)))
  }

  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(Array(bytes)).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }
}
