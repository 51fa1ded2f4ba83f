import Foundation
import ReelFormats
import ReelTensor
import Testing

@Suite struct NumpyArchiveTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func writesTheBytesOfNumPy() throws {
    try NumpyArchive.write(FixtureArrays.floats, to: scratch.path)
    #expect(try contents(scratch.path) == contents(fixture("floats.npz")))
  }

  @Test func roundTrip() throws {
    try NumpyArchive.write(SafetensorsTests.sample, to: scratch.path)
    expectSame(try NumpyArchive.read(scratch.path), SafetensorsTests.sample)
    try NumpyArchive.write([:], to: scratch.path)
    #expect(try NumpyArchive.read(scratch.path).isEmpty)
  }

  @Test(arguments: ["stored.npz", "deflated.npz"]) func typesFromNumPy(_ name: String) throws {
    expectSame(try NumpyArchive.read(fixture(name)), FixtureArrays.all)
  }

  @Test func layoutsFromNumPy() throws {
    expectSame(
      try NumpyArchive.read(fixture("layouts.npz")),
      [
        "fortran": ramp([2, 3, 4]), "fortran_int16": ramp([3, 5]),
        "big_endian": ramp([2, 3], 0.5), "big_endian_int32": ramp([4], 100_000, -100_000),
      ])
  }

  @Test func laterVersionsAndStreams() throws {
    expectSame(
      try NumpyArchive.read(fixture("streamed.npz")),
      ["version2": ramp([3, 3]), "version3": ramp([3, 3])])
  }

  @Test func moreEntriesThanTheOldFormatCounts() throws {
    var tensors = NamedTensors()
    for index in 0..<65_600 { tensors.append("\(index)", Tensor(Float(index))) }
    try NumpyArchive.write(tensors, to: scratch.path)
    #expect(try NumpyArchive.read(scratch.path) == tensors)
  }

  @Test func longValuesInPieces() throws {
    let tensors: NamedTensors = ["x": ramp([3, 300_000], 0.5)]
    try NumpyArchive.write(tensors, to: scratch.path)
    #expect(try NumpyArchive.read(scratch.path) == tensors)
  }

  // MARK: Made by hand

  /// One stored `.npy` entry, with hooks to spoil it.
  struct Archive {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n"
    var version: [UInt8] = [1, 0]
    var magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    var data: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
    var name = "x.npy"
    var localName: String?
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var checksumDelta: UInt32 = 0
    var sizeDelta = 0
    var offsetDelta = 0
    var copies = 1
    var countDelta = 0
    var directoryDelta = 0
    var extra: [UInt8] = []
    var narrowSize: UInt32?
    var comment: [UInt8] = []
    var prefix: [UInt8] = []

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
      ~bytes.reduce(~0 as UInt32) { state, byte in
        (0..<8).reduce(state ^ UInt32(byte)) { state, _ in
          state >> 1 ^ (state & 1 == 1 ? 0xEDB8_8320 : 0)
        }
      }
    }

    var bytes: [UInt8] {
      let length =
        version[0] == 1
        ? Self.little(UInt16(header.utf8.count)) : Self.little(UInt32(header.utf8.count))
      let file = magic + version + length + Array(header.utf8) + data
      let sum = Self.checksum(file) &+ checksumDelta
      let size = narrowSize ?? UInt32(file.count + sizeDelta)
      let common =
        Self.little(flags) + Self.little(method) + [0, 0, 0x21, 0] + Self.little(sum)
        + Self.little(size) + Self.little(size)
      var result = prefix
      var directory: [UInt8] = []
      for _ in 0..<copies {
        let offset = UInt32(result.count + offsetDelta)
        let local = Array((localName ?? name).utf8)
        result += Self.little(0x0403_4b50 as UInt32) + [20, 0] + common
        result += Self.little(UInt16(local.count)) + Self.little(UInt16(extra.count))
        result += local + extra + file
        directory += Self.little(0x0201_4b50 as UInt32) + [20, 3, 20, 0] + common
        directory += Self.little(UInt16(name.utf8.count)) + Self.little(UInt16(extra.count))
        directory += [UInt8](repeating: 0, count: 10) + Self.little(offset)
        directory += Array(name.utf8) + extra
      }
      let count = Self.little(UInt16(copies + countDelta))
      let place = UInt32(result.count + directoryDelta)
      return result + directory + Self.little(0x0605_4b50 as UInt32) + [0, 0, 0, 0] + count + count
        + Self.little(UInt32(directory.count)) + Self.little(place)
        + Self.little(UInt16(comment.count)) + comment
    }
  }

  static func spoiled(_ change: (inout Archive) -> Void) -> [UInt8] {
    var archive = Archive()
    change(&archive)
    return archive.bytes
  }

  static func header(_ text: String) -> [UInt8] { spoiled { $0.header = text } }

  @Test func handMadeArchiveIsGood() throws {
    let expected: NamedTensors = ["x": Tensor(shape: [2], values: [1, 2])]
    #expect(try scratch.archive(Archive().bytes) == expected)
    #expect(
      try scratch.archive(Self.spoiled { $0.comment = Array("PK\u{5}\u{6}".utf8) }) == expected)
    // Sizes in the zip64 field of the directory.
    let size = UInt64(10 + Archive().header.utf8.count + 8)
    let wide: [UInt8] = [1, 0, 16, 0] + Archive.little(size) + Archive.little(size)
    let bytes = Self.spoiled {
      $0.narrowSize = .max
      $0.extra = [0xAA, 0xBB, 1, 0, 7] + wide
    }
    #expect(try scratch.archive(bytes) == expected)
    // Python lets the keys come in any order, with either quotes.
    let header = "{\"shape\":(2 , ),'fortran_order':True,'descr':'<f4'}"
    #expect(try scratch.archive(Self.header(header)) == expected)
  }

  static let refusals: [(bytes: [UInt8], says: [String])] = [
    ([], ["0 bytes", "a zip archive"]),
    (Array("hello, this is a plain text".utf8), ["a zip archive"]),
    (
      spoiled {
        $0.prefix = [1]; $0.offsetDelta = -1; $0.directoryDelta = -1
      }, ["ends at byte"]
    ),
    (spoiled { $0.offsetDelta = 1 }, ["no header at byte 1"]),
    (spoiled { $0.offsetDelta = 100_000 }, ["begins at byte 100000"]),
    (spoiled { $0.copies = 2 }, ["\"x.npy\" comes twice"]),
    (spoiled { $0.countDelta = 1 }, ["1 entries", "expected 2"]),
    (spoiled { $0.name = "x.txt" }, ["\"x.txt\"", "end in .npy"]),
    (spoiled { $0.name = "é.npy" }, ["UTF-8 marked"]),
    (spoiled { $0.localName = "y.npy" }, ["differs from its header"]),
    (spoiled { $0.flags = 1 }, ["encrypted"]),
    (spoiled { $0.method = 12 }, ["compression method 12"]),
    (spoiled { $0.method = 8 }, ["\"x.npy\"", "deflated data"]),
    (spoiled { $0.checksumDelta = 1 }, ["CRC-32", "damaged"]),
    (spoiled { $0.sizeDelta = 1 }, ["before the directory"]),
    (spoiled { $0.sizeDelta = -1 }, ["7 bytes of values", "8 bytes"]),
    (spoiled { $0.sizeDelta = -70 }, ["the entry ends after"]),
    (spoiled { $0.narrowSize = .max }, ["64-bit sizes"]),
    (
      spoiled {
        $0.narrowSize = .max; $0.extra = [1, 0, 8, 0]
      }, ["extra field of 8 bytes"]
    ),
    (
      spoiled {
        $0.narrowSize = .max
        $0.extra = [1, 0, 16, 0] + [UInt8](repeating: 0xFF, count: 16)
      }, ["64-bit sizes"]
    ),
    (
      spoiled {
        $0.narrowSize = .max
        $0.extra = [1, 0, 16, 0] + [0, 0, 0, 0, 0, 0, 0, 0x7F] + [0, 0, 0, 0, 0, 0, 0, 0x7F]
      }, ["before the directory"]
    ),
    (spoiled { $0.magic[1] = 0 }, ["an .npy file"]),
    (spoiled { $0.version = [4, 0] }, ["version 4.0"]),
    (spoiled { $0.version = [1, 1] }, ["version 1.1"]),
    (
      spoiled {
        $0.version = [2, 0]; $0.header += String(repeating: "x", count: 9)
      }, ["its end"]
    ),
    (header(""), ["its end at byte 0", "'{'"]),
    (header("{}"), ["too few keys"]),
    (header("{'descr': '<f4', 'shape': (2,)}"), ["too few keys"]),
    (header("{'descr': '<f4', 'descr': '<f4'}"), ["the key \"descr\""]),
    (header("{'a': 1}"), ["the key \"a\""]),
    (header("{'descr': [('a', '<f4')]}"), ["[('a'", "a text in quotes"]),
    (header("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}"), ["True or False"]),
    (header("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"), ["the type \"|O\""]),
    (header("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}"), ["the type \"<c8\""]),
    (header("{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}"), ["the type \"|f4\""]),
    (header("{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}"), ["the type \"f4\""]),
    (header("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (2,)}"), ["a plain text"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}"), ["a tuple such as (3,)"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': 2}"), ["'('"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}"), ["\"-2,)}\""]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}"), ["',' or ')'"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}"), ["',' or ')'"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (02,)}"), ["a whole number"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (,)}"), ["a whole number"]),
    (
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
      ["a whole number"]
    ),
    (
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4, 0)}"),
      ["a size that exists"]
    ),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}"), ["8 bytes", "12 bytes"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"), ["8 bytes", "4 bytes"]),
    (header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"), ["\"x\"", "its end"]),
    (
      header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': ("
          + String(repeating: "1, ", count: 65) + ")}"), ["65 axes", "at most 64"]
    ),
  ]

  @Test(arguments: refusals.indices) func refusal(_ index: Int) throws {
    let (bytes, says) = Self.refusals[index]
    expectRefusal(scratch.path, says) { _ = try scratch.archive(bytes) }
  }

  @Test func refusesImplausibleSizes() throws {
    // A deflated entry that says it has 4 GB, from 100 bytes.
    var bytes = try contents(fixture("streamed.npz"))
    let central = try #require(bytes.firstIndex(of: [0x50, 0x4B, 1, 2]))
    bytes.replaceSubrange((central + 24)..<(central + 28), with: [0, 0, 0, 0xF0])
    expectRefusal(scratch.path, ["4026531840 bytes", "1032 times"]) {
      _ = try scratch.archive(bytes)
    }
  }

  @Test func refusesToWriteWhatNumPyDoesNotKnow() throws {
    expectRefusal(scratch.path, ["70000 bytes"]) {
      try NumpyArchive.write(
        NamedTensors([(name: String(repeating: "n", count: 70_000), tensor: Tensor(1))]),
        to: scratch.path)
    }
    expectRefusal(scratch.path, ["65 axes"]) {
      try NumpyArchive.write(
        ["x": Tensor(zeros: [Int](repeating: 1, count: 65))], to: scratch.path)
    }
    #expect(try scratch.folder.names.isEmpty)
  }

  @Test(arguments: ["stored.npz", "deflated.npz", "streamed.npz"])
  func everyTruncationIsRefused(_ name: String) throws {
    let bytes = try contents(fixture(name))
    for count in bytes.indices {
      #expect(throws: FormatError.self, "\(count) bytes") {
        try scratch.archive(Array(bytes[..<count]))
      }
    }
  }

  @Test(arguments: ["stored.npz", "deflated.npz", "streamed.npz"])
  func damageNeverCrashes(_ name: String) throws {
    let bytes = try contents(fixture(name))
    try expectErrorsOnly(bytes, seed: 3) { try scratch.archive($0) }
    // The directory alone.
    let central = try #require(bytes.firstIndex(of: [0x50, 0x4B, 1, 2]))
    try expectErrorsOnly(bytes, from: central, seed: 4) { try scratch.archive($0) }
  }

  /// The checksum guards every byte of the data.
  @Test(arguments: ["stored.npz", "deflated.npz"])
  func flippedBitsOfTheDataAreSeen(_ name: String) throws {
    let bytes = try contents(fixture(name))
    let good = try scratch.archive(bytes)
    let central = try #require(bytes.firstIndex(of: [0x50, 0x4B, 1, 2]))
    for place in 0..<central {
      var damaged = bytes
      damaged[place] ^= 0x10
      // Only time stamps and the like may change unseen.
      if let came = try? scratch.archive(damaged) { expectSame(came, good) }
    }
  }
}

extension [UInt8] {
  /// Where the first copy of `pattern` begins.
  func firstIndex(of pattern: [UInt8]) -> Int? {
    indices.first { self[$0...].starts(with: pattern) }
  }
}
