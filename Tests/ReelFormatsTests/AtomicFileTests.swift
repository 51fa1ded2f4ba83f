import Foundation
import ReelFormats
import ReelTensor
import Testing

@Suite(.serialized) struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func writesAndReplaces() throws {
    let path = folder.file("a")
    try AtomicFile.write("first", to: path)
    #expect(try contents(path) == Array("first".utf8))
    try AtomicFile.write(to: path) { writer in
      try writer.write([1, 2] as [UInt8])
      #expect(writer.count == 2)
      // Until the end, the path has the old contents.
      #expect(try contents(path) == Array("first".utf8))
      try writer.write(Data())
      try writer.write(Data([3]))
    }
    #expect(try contents(path) == [1, 2, 3])
    try AtomicFile.write([UInt8](), to: path)
    #expect(try contents(path) == [])
    #expect(try folder.names == ["a"])
  }

  @Test func relativePath() throws {
    let name = "reel-atomic-\(UUID().uuidString)"
    try AtomicFile.write("x", to: name)
    #expect(try contents(name) == Array("x".utf8))
    try FileManager.default.removeItem(atPath: name)
  }

  @Test func longestName() throws {
    let path = folder.file(String(repeating: "n", count: 255))
    try AtomicFile.write("x", to: path)
    #expect(try contents(path) == Array("x".utf8))
  }

  @Test func keepsPermissionsAndLinks() throws {
    let path = folder.file("a")
    let link = folder.file("link")
    try AtomicFile.write("1", to: path)
    #expect(chmod(path, 0o640) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
    try AtomicFile.write("2", to: link)
    #expect(try contents(path) == Array("2".utf8))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a")
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
  }

  @Test func failuresSayWhy() throws {
    let file = folder.file("file")
    try AtomicFile.write("old", to: file)
    let cases: [(path: String, says: String)] = [
      (folder.file("missing/a"), "No such file or directory"),
      (file + "/a", "Not a directory"),
      (folder.path, "Is a directory"),
      (folder.path + "/", "Is a directory"),
      (folder.file("new/"), "directory"),
      ("", "No such file or directory"),
      ("/dev/full", "not a regular file"),
      (folder.file(String(repeating: "n", count: 256)), "File name too long"),
    ]
    for (path, says) in cases {
      expectRefusal(path, ["cannot write", says]) { try AtomicFile.write("new", to: path) }
    }
    #expect(try folder.names == ["file"])
    #expect(try contents(file) == Array("old".utf8))
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere")) func readOnlyFolder() throws {
    let file = folder.file("file")
    try AtomicFile.write("old", to: file)
    #expect(chmod(folder.path, 0o555) == 0)
    defer { chmod(folder.path, 0o755) }
    expectRefusal(file, ["Permission denied"]) { try AtomicFile.write("new", to: file) }
    #expect(try contents(file) == Array("old".utf8))
  }

  @Test func errorInTheMiddleLeavesTheOldFile() throws {
    struct Stop: Error {}
    let path = folder.file("a")
    try AtomicFile.write("old", to: path)
    #expect(throws: Stop.self) {
      try AtomicFile.write(to: path) { writer in
        try writer.write([1, 2, 3] as [UInt8])
        throw Stop()
      }
    }
    #expect(try contents(path) == Array("old".utf8))
    #expect(try folder.names == ["a"])
  }

  /// A limit on the size of files fails the same call as a full disk does. It holds for the whole
  /// process, so it is far above what any other test writes.
  @Test func failedWriteLeavesTheOldFile() throws {
    let megabytes = 48
    #if canImport(Glibc)
      let kind = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    #else
      let kind = RLIMIT_FSIZE
    #endif
    var old = rlimit()
    try #require(getrlimit(kind, &old) == 0)
    // Without this, the limit ends the process.
    let handler = signal(SIGXFSZ, SIG_IGN)
    defer { signal(SIGXFSZ, handler) }
    var limited = old
    limited.rlim_cur = rlim_t(megabytes << 20)
    try #require(setrlimit(kind, &limited) == 0)
    defer { setrlimit(kind, &old) }

    let paths = [folder.file("a"), folder.file("a.safetensors"), folder.file("a.npz")]
    let tensors: NamedTensors = ["x": Tensor(zeros: [megabytes << 18 + 1])]
    for path in paths { try AtomicFile.write("old", to: path) }
    expectRefusal(paths[0], ["cannot write", "File too large"]) {
      try AtomicFile.write(to: paths[0]) { writer in
        let megabyte = [UInt8](repeating: 1, count: 1 << 20)
        for _ in 0...megabytes { try writer.write(megabyte) }
      }
    }
    expectRefusal(paths[1], ["File too large"]) { try Safetensors.write(tensors, to: paths[1]) }
    expectRefusal(paths[2], ["File too large"]) { try NumpyArchive.write(tensors, to: paths[2]) }
    for path in paths { #expect(try contents(path) == Array("old".utf8)) }
    #expect(try folder.names == ["a", "a.npz", "a.safetensors"])
  }

  @Test func manyWritersOfOnePath() async throws {
    let path = folder.file("a")
    await withTaskGroup(of: Bool.self) { group in
      for writer in 0..<8 {
        group.addTask {
          (try? AtomicFile.write([UInt8](repeating: UInt8(writer), count: 4096), to: path)) != nil
        }
      }
      for await succeeded in group { #expect(succeeded) }
    }
    let bytes = try contents(path)
    #expect(bytes.count == 4096 && Set(bytes).count == 1)
    #expect(try folder.names == ["a"])
  }
}
