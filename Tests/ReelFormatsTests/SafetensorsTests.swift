import Foundation
import ReelFormats
import ReelTensor
import Testing

@Suite struct SafetensorsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  static let sample: NamedTensors = [
    "weight": ramp([2, 3], 0.5, -1), "bias": ramp([3]), "scalar": Tensor(2.5),
    "empty": Tensor(zeros: [0, 4]),
    "odd \"name\"\\\n\u{1}é🎬": Tensor(
      shape: [5], values: [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]),
  ]

  /// A file from its two parts.
  static func file(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let json = Array(header.utf8)
    let count = (length ?? UInt64(json.count)).littleEndian
    return withUnsafeBytes(of: count) { Array($0) } + json + data
  }

  static func entry(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func roundTrip() throws {
    let metadata = ["b": "2", "a\"\n": "é\\\u{1F}", "": ""]
    try Safetensors.write(Self.sample, metadata: metadata, to: scratch.path)
    let came = try Safetensors.read(scratch.path)
    expectSame(came.tensors, Self.sample)
    #expect(came.metadata == metadata)
    #expect(try Safetensors.readMetadata(scratch.path) == metadata)
    #expect(try scratch.folder.names == ["scratch"])
  }

  @Test func narrowWeightsStayNarrow() throws {
    let halves = try ramp([2, 3], 0.5, -1).held(in: .bfloat16)
    let bytes = try ramp([3, 2], 0.25, -1).held(in: .int8)
    let tensors: NamedTensors = ["halves": halves, "bytes": bytes, "plain": ramp([2])]
    try Safetensors.write(tensors, to: scratch.path)
    let came = try Safetensors.read(scratch.path).tensors
    #expect(came == tensors)
    #expect(came.map(\.tensor.weightFormat) == [.bfloat16, .int8, .float32])
    let size = try contents(scratch.path).count
    try Safetensors.write(came, to: scratch.path)
    #expect(try contents(scratch.path).count == size)
    // Halves take 12 bytes, bytes 6 and 12 for the scales, and 8.
    let json = String(decoding: try contents(scratch.path).dropFirst(8), as: UTF8.self)
    for part in [
      #""halves":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}"#,
      #""bytes":{"dtype":"I8","shape":[3,2],"data_offsets":[12,18]}"#,
      #""bytes.scale":{"dtype":"F32","shape":[3],"data_offsets":[18,30]}"#,
    ] {
      #expect(json.contains(part))
    }
  }

  @Test func narrowMatricesWithoutValues() throws {
    for shape in ["[4611686018427387904,0]", "[0,3]"] {
      let header = "{\"a\":\(Self.entry("BF16", shape, "[0,0]"))}"
      try scratch.put(Self.file(header))
      #expect(try Safetensors.read(scratch.path).tensors["a"]?.values == [])
    }
  }

  @Test func scalesThatBelongToNothing() throws {
    let bytes = try ramp([3, 2]).held(in: .int8)
    #expect(throws: FormatError.self) {
      try Safetensors.write(["a": bytes, "a.scale": ramp([3])], to: scratch.path)
    }
    // One scale too few: integers, and a tensor beside them.
    let header =
      "{\"a\":\(Self.entry("I8", "[2,2]", "[0,4]")),\"a.scale\":\(Self.entry("F32", "[1]", "[4,8]"))}"
    try scratch.put(Self.file(header, data: [1, 2, 3, 0xFF, 0, 0, 0x80, 0x3F]))
    let came = try Safetensors.read(scratch.path).tensors
    #expect(came["a"]?.values == [1, 2, 3, -1] && came["a.scale"]?.values == [1])
  }

  @Test func nothingAtAll() throws {
    try Safetensors.write([:], to: scratch.path)
    #expect(try contents(scratch.path) == Self.file("{}      "))
    #expect(try Safetensors.read(scratch.path).tensors.isEmpty)
  }

  @Test func bytesAreThoseOfTheFormat() throws {
    try Safetensors.write(
      ["b": ramp([2, 1]), "a": Tensor(1)], metadata: ["z": "1", "y": "\t"], to: scratch.path)
    let header =
      #"{"__metadata__":{"y":"\u0009","z":"1"},"#
      + #""b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let data: [UInt8] = [0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F]
    #expect(try contents(scratch.path) == Self.file(padded, data: data))
  }

  @Test func typesFromPython() throws {
    let (tensors, metadata) = try Safetensors.read(fixture("types.safetensors"))
    #expect(metadata == ["quote\" 🎬": "line\nbreak"])
    let expected = FixtureArrays.all
    #expect(tensors.names.sorted() == expected.names.sorted())
    for (name, tensor) in expected { #expect(tensors[name] == tensor, "\(name)") }
  }

  @Test func bfloat16FromPython() throws {
    let tensors = try Safetensors.read(fixture("bfloat16.safetensors")).tensors
    #expect(tensors == ["bfloat16": ramp([2, 4], 0.5, -2)])
  }

  @Test func everyFloat16() throws {
    let header = "{\"x\":\(Self.entry("F16", "[65536]", "[0,131072]"))}"
    let data = (0...UInt16.max).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let values = try #require(try scratch.safetensors(Self.file(header, data: data))["x"]).values
    for bits in 0...UInt16.max {
      let sign: Float = bits >> 15 == 1 ? -1 : 1
      let exponent = Int(bits >> 10 & 31)
      let fraction = Float(bits & 1023) / 1024
      let value = values[Int(bits)]
      switch exponent {
      case 31 where fraction != 0: #expect(value.isNaN)
      case 31: #expect(value == sign * .infinity)
      case 0:
        #expect(
          value.bitPattern
            == (sign * fraction * Float(sign: .plus, exponent: -14, significand: 1)).bitPattern)
      default:
        #expect(
          value == sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction))
      }
    }
  }

  @Test func roundingOfLargeNumbers() throws {
    func bytes<Number>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
    let integers: [Int64] = [.min, .max, 16_777_217, -16_777_219]
    let doubles = [0.1, 1e300, -1e300, 1e-50, .nan]
    let header =
      "{\"i\":\(Self.entry("I64", "[4]", "[0,32]")),\"d\":\(Self.entry("F64", "[5]", "[32,72]")),"
      + "\"b\":\(Self.entry("BOOL", "[3]", "[72,75]"))}"
    let tensors = try scratch.safetensors(
      Self.file(header, data: bytes(integers) + bytes(doubles) + [0, 1, 255]))
    #expect(tensors["i"]?.values == [-0x1p63, 0x1p63, 16_777_216, -16_777_220])
    #expect(tensors["d"]?.values.dropLast() == [0.1, .infinity, -.infinity, 0])
    #expect(tensors["d"]?.values.last?.isNaN == true)
    #expect(tensors["b"]?.values == [0, 1, 1])
  }

  @Test func orderOfTheHeaderMayDiffer() throws {
    let header =
      "{ \"b\" : \(Self.entry("U8", "[ 1 , 2 ]", "[1,3]")) ,\n\"a\":\(Self.entry("U8", "[]", "[0,1]"))}\t"
    let tensors = try scratch.safetensors(Self.file(header, data: [7, 8, 9]))
    #expect(tensors == ["a": Tensor(7), "b": Tensor(shape: [1, 2], values: [8, 9])])
  }

  @Test func escapes() throws {
    let header = #"{"__metadata__":{"\u00e9\ud83c\udfac":"\"\\\/\b\f\n\r\t"}}"#
    try scratch.put(Self.file(header))
    #expect(try Safetensors.read(scratch.path).metadata == ["é🎬": "\"\\/\u{8}\u{C}\n\r\t"])
  }

  /// Header, data, what the message must say.
  static let refusals: [(header: String, data: Int, says: [String])] = [
    ("", 0, ["begins with nothing", "'{'"]),
    ("[]", 0, ["begins with \"[]\"", "'{'"]),
    (" {}", 0, ["begins with \" {}\"", "'{'"]),
    ("{", 0, ["no valid JSON"]),
    ("{}}", 0, ["\"}\"", "the end of the header"]),
    ("{\"a\"}", 0, ["':'"]),
    ("{,}", 0, ["no valid JSON"]),
    ("{\"__metadata__\":{\"a\":1}}", 0, ["metadata \"a\"", "'\"'"]),
    ("{\"__metadata__\":null}", 0, ["the metadata"]),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, ["\"__metadata__\" comes twice"]),
    ("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, ["\"k\" comes twice"]),
    ("{\"a\nb\":1}", 0, ["control character"]),
    (#"{"\x":1}"#, 0, ["escape sequence"]),
    (#"{"\ud800":1}"#, 0, ["Unicode escape"]),
    (#"{"\ud800\u0041":1}"#, 0, ["Unicode escape"]),
    (#"{"\u12"#, 0, ["Unicode escape"]),
    (#"{"\u+123":1}"#, 0, ["Unicode escape"]),
    ("{\"a", 0, ["the end"]),
    ("{\"a\":3}", 0, ["tensor \"a\""]),
    ("{\"a\":{}}", 0, ["tensor \"a\" lacks dtype, shape, data_offsets"]),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 0, ["lacks data_offsets"]),
    ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, ["\"dtype\" comes twice"]),
    ("{\"a\":{\"strides\":[1]}}", 0, ["\"strides\""]),
    ("{\"a\":\(entry("F8_E4M3", "[1]", "[0,1]"))}", 1, ["\"F8_E4M3\"", "F32, F16"]),
    ("{\"a\":\(entry("f32", "[1]", "[0,4]"))}", 4, ["\"f32\""]),
    (
      "{\"a\":\(entry("U8", "[1]", "[0,1]")),\"a\":\(entry("U8", "[1]", "[1,2]"))}", 2,
      ["\"a\" comes twice"]
    ),
    ("{\"a\":\(entry("F32", "[2]", "[0,4]"))}", 4, ["4 bytes of data", "8 bytes for F32", "[2]"]),
    ("{\"a\":\(entry("F32", "[1]", "[0,8]"))}", 8, ["8 bytes of data", "4 bytes"]),
    ("{\"a\":\(entry("F32", "[-1]", "[0,4]"))}", 4, ["\"-1\"", "whole number"]),
    ("{\"a\":\(entry("F32", "[1.0]", "[0,4]"))}", 4, ["\"1.0\""]),
    ("{\"a\":\(entry("F32", "[1e0]", "[0,4]"))}", 4, ["\"1e0\""]),
    ("{\"a\":\(entry("F32", "[01]", "[0,4]"))}", 4, ["\"01\""]),
    ("{\"a\":\(entry("F32", "[9223372036854775808]", "[0,4]"))}", 4, ["9223372036854775808"]),
    (
      "{\"a\":\(entry("F32", "[4611686018427387904,4]", "[0,0]"))}", 0,
      ["a size that exists", "4611686018427387904"]
    ),
    ("{\"a\":\(entry("F32", "[4611686018427387904,4,0]", "[0,0]"))}", 0, ["a size that exists"]),
    ("{\"a\":\(entry("U8", "[]", "[0,18446744073709551615]"))}", 1, ["18446744073709551615"]),
    ("{\"a\":\(entry("U8", "[]", "[-1,0]"))}", 1, ["\"-1\""]),
    ("{\"a\":\(entry("U8", "[]", "[1,0]"))}", 1, ["[1, 0]", "begin <= end"]),
    ("{\"a\":\(entry("U8", "[]", "[0]"))}", 1, ["[0]", "[begin, end]"]),
    ("{\"a\":\(entry("U8", "[]", "[0,1,2]"))}", 1, ["[0, 1, 2]"]),
    ("{\"a\":\(entry("U8", "[]", "0,1"))}", 1, ["data_offsets", "'['"]),
    ("{\"a\":\(entry("U8", "[1,]", "[0,1]"))}", 1, ["a number", "\"],"]),
    ("{\"a\":\(entry("U8", "[null]", "[0,1]"))}", 1, ["a number", "null"]),
    ("{\"a\":\(entry("U8", "[2]", "[1,3]"))}", 3, ["hole", "begins at 1", "expected 0"]),
    (
      "{\"a\":\(entry("U8", "[2]", "[0,2]")),\"b\":\(entry("U8", "[2]", "[3,5]"))}", 5,
      ["\"b\"", "hole", "expected 2"]
    ),
    (
      "{\"a\":\(entry("U8", "[2]", "[0,2]")),\"b\":\(entry("U8", "[2]", "[1,3]"))}", 3,
      ["\"b\"", "overlaps", "expected 2"]
    ),
    (
      "{\"a\":\(entry("U8", "[2]", "[0,2]")),\"b\":\(entry("U8", "[2]", "[0,2]"))}", 2,
      ["\"b\"", "overlaps"]
    ),
    ("{\"a\":\(entry("F32", "[2]", "[0,8]"))}", 7, ["7 bytes of data: cut short", "expected 8"]),
    ("{\"a\":\(entry("F32", "[2]", "[0,8]"))}", 9, ["9 bytes of data: too many", "expected 8"]),
    ("{}", 1, ["1 bytes of data: too many", "expected 0"]),
    (
      "{\"a\":\(entry("U8", "[9223372036854775807]", "[0,9223372036854775807]"))}", 1,
      ["a size that exists"]
    ),
    ("{\"a\":\(entry("U8", "[1000000000000]", "[0,1000000000000]"))}", 1, ["cut short"]),
  ]

  @Test(arguments: refusals.indices) func refusal(_ index: Int) throws {
    let (header, data, says) = Self.refusals[index]
    expectRefusal(scratch.path, says) {
      _ = try scratch.safetensors(
        Self.file(header, data: [UInt8](repeating: 0, count: data)))
    }
  }

  @Test func refusesLengths() throws {
    let cases: [(bytes: [UInt8], says: [String])] = [
      ([], ["0 bytes", "at least 8"]),
      ([1, 0, 0, 0, 0, 0, 0], ["7 bytes"]),
      (Self.file("{}", length: 3), ["a header of 3 bytes", "at most 2"]),
      (Self.file("{}", length: 1), ["no valid JSON"]),
      (Self.file("{}", length: .max), ["18446744073709551615", "at most 2"]),
      (Self.file("{}", length: 1 << 63), ["9223372036854775808"]),
    ]
    for (bytes, says) in cases {
      expectRefusal(scratch.path, says) { _ = try scratch.safetensors(bytes) }
    }
    // A hole of more than 100 MB, which takes no room on the disk.
    try scratch.put(Self.file("{}", length: 100_000_001))
    #expect(truncate(scratch.path, 100_000_100) == 0)
    expectRefusal(scratch.path, ["a header of 100000001 bytes", "at most 100000000"]) {
      _ = try Safetensors.read(scratch.path)
    }
  }

  @Test func refusesTextThatIsNotUTF8() throws {
    var bytes = Self.file("{\"a\":{}}")
    bytes[10] = 0xFF
    expectRefusal(scratch.path, ["not UTF-8"]) { _ = try scratch.safetensors(bytes) }
  }

  @Test func refusesWhatIsNoFile() throws {
    expectRefusal("/nowhere/x", ["cannot read", "No such file"]) {
      _ = try Safetensors.read("/nowhere/x")
    }
    expectRefusal(scratch.folder.path, ["a folder"]) {
      _ = try Safetensors.read(scratch.folder.path)
    }
    expectRefusal("/dev/zero", ["not a regular file"]) { _ = try Safetensors.read("/dev/zero") }
  }

  @Test func refusesToWriteTheNameOfTheMetadata() throws {
    expectRefusal(scratch.path, ["__metadata__"]) {
      try Safetensors.write(["__metadata__": Tensor(1)], to: scratch.path)
    }
    #expect(try scratch.folder.names.isEmpty)
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try contents(fixture("types.safetensors"))
    for count in bytes.indices {
      #expect(throws: FormatError.self, "\(count) bytes") {
        try scratch.safetensors(Array(bytes[..<count]))
      }
    }
  }

  @Test func damageNeverCrashes() throws {
    let bytes = try contents(fixture("types.safetensors"))
    try expectErrorsOnly(bytes, from: 8, seed: 1) { try scratch.safetensors($0) }
    // The header alone, where almost every byte matters.
    try expectErrorsOnly(bytes, to: 900, seed: 2) { try scratch.safetensors($0) }
  }
}

/// Changes, removes and adds random bytes of a good file; whatever reads it may throw `FormatError`
/// and nothing else.
func expectErrorsOnly(
  _ bytes: [UInt8], from start: Int = 0, to end: Int? = nil, rounds: Int = 2_000, seed: UInt64,
  _ read: ([UInt8]) throws -> NamedTensors
) throws {
  var random = RandomGenerator(seed: seed)
  var refused = 0
  for _ in 0..<rounds {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: start..<min(end ?? bytes.count, damaged.count), using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: damaged.remove(at: place)
      case 1: damaged.insert(.random(in: 0...255, using: &random), at: place)
      case 2: damaged[place] = [0, 0xFF, 0x7F, 0x80].randomElement(using: &random) ?? 0
      case 3: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 4: damaged[place] = UInt8(ascii: "9")
      default: damaged[place] = .random(in: 0...255, using: &random)
      }
    }
    do {
      for (_, tensor) in try read(damaged) {
        #expect(tensor.count == tensor.shape.reduce(1, *))
      }
    } catch is FormatError {
      refused += 1
    }
  }
  #expect(refused > rounds / 4)
}
