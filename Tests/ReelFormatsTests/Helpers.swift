import Foundation
import ReelFormats
import ReelTensor
import Testing

/// A folder that is gone when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/reel-formats-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// Reads one path again and again with other contents, without flushing them to the disk.
struct Scratch {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("scratch")
  }

  func put(_ bytes: [UInt8]) throws {
    // Foundation flushes what it writes, and some file systems flush a file that is emptied and
    // written again; a new file, thousands of times, costs little.
    unlink(path)
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  func safetensors(_ bytes: [UInt8]) throws -> NamedTensors {
    try put(bytes)
    return try Safetensors.read(path).tensors
  }

  func archive(_ bytes: [UInt8]) throws -> NamedTensors {
    try put(bytes)
    return try NumpyArchive.read(path)
  }
}

func contents(_ path: String) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
}

func fixture(_ name: String) throws -> String {
  try #require(
    Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)?.path(
      percentEncoded: false))
}

/// `factor * index + shift`, like `ramp` in make_fixtures.py.
func ramp(_ shape: [Int], _ factor: Float = 1, _ shift: Float = 0) -> Tensor {
  let count = shape.reduce(1, *)
  return Tensor(shape: shape, values: (0..<count).map { Float($0) * factor + shift })
}

/// Names and bits, so that NaN equals NaN.
func expectSame(
  _ came: NamedTensors, _ expected: NamedTensors, location: SourceLocation = #_sourceLocation
) {
  #expect(came.names == expected.names, sourceLocation: location)
  for ((name, came), (_, expected)) in zip(came, expected) {
    #expect(came.shape == expected.shape, "\(name)", sourceLocation: location)
    #expect(
      came.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(name)",
      sourceLocation: location)
  }
}

/// The error is one line that names the path and holds each of `parts`.
func expectRefusal(
  _ path: String, _ parts: [String], location: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown, expected \(parts)", sourceLocation: location)
  } catch {
    let text = "\(error)"
    #expect(error is FormatError || error is FileError, sourceLocation: location)
    let shown = path.isEmpty ? "\"\"" : path
    #expect(!text.contains("\n") && text.contains(shown), "\(text)", sourceLocation: location)
    for part in parts { #expect(text.contains(part), "\(text)", sourceLocation: location) }
  }
}
