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
