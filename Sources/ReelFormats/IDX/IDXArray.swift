/// An array in the IDX format, in which MNIST and its relatives come.
///
/// The format (LeCun, Cortes and Burges): two zero bytes, a byte for the type of the elements, a byte
/// for the number of axes; the length of each axis in 32 bits; the elements in row-major order. All
/// numbers are big-endian.
///
/// ```swift
/// let images = try IDXArray(path: "train-images-idx3-ubyte.gz")
/// images.shape  // [60000, 28, 28]
/// ```
public struct IDXArray: Sendable, Equatable {
  /// What the elements are.
  public enum Element: UInt8, Sendable, CaseIterable {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case integer = 0x0C
    case float = 0x0D
    case double = 0x0E

    /// Bytes of one element.
    public var byteCount: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .integer, .float: 4
      case .double: 8
      }
    }
  }

  public let element: Element
  /// The length of each axis, outermost first; 0 is legal.
  public let shape: [Int]
  /// The elements as they stand in the file: row-major, big-endian.
  public let bytes: [UInt8]

  /// An array of bytes 0…255; their number must be the product of `shape`.
  public init(shape: [Int], unsignedBytes: [UInt8]) {
    precondition(
      !shape.isEmpty && shape.count < 256 && shape.allSatisfy { (0...Int(UInt32.max)) ~= $0 }
        && unsignedBytes.count == shape.reduce(1, *),
      "IDXArray: \(unsignedBytes.count) bytes came for shape \(shape)")
    element = .unsignedByte
    self.shape = shape
    bytes = unsignedBytes
  }

  /// Reads a file, packed by gzip or not (its first bytes tell, not its name).
  ///
  /// - Throws: `FileError` where it cannot be read, `FormatError` where it is no whole IDX file.
  public init(path: String) throws {
    let stream = try ByteStream(path)
    func problem(_ came: String, _ expected: String) -> FormatError {
      FormatError(path: path, came: came, expected: expected)
    }
    let magic = try stream.bytes(4, "the IDX header")
    guard magic[0] == 0, magic[1] == 0 else {
      throw problem("the first bytes are \(magic[0]) and \(magic[1])", "0 and 0, an IDX file")
    }
    guard let element = Element(rawValue: magic[2]) else {
      let known = Element.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
      throw problem("elements of type \(magic[2])", "one of \(known)")
    }
    let rank = Int(magic[3])
    guard rank > 0 else { throw problem("an array without axes", "at least 1 axis") }
    let lengths = try stream.bytes(4 * rank, "the axes' lengths")
    let shape = (0..<rank).map { axis in
      lengths[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    // Overflow and a lie about the size alike: nothing is allocated for either.
    var count = element.byteCount
    var overflows = false
    for length in shape where !shape.contains(0) {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      (count, overflows) = (product, overflows || overflow)
    }
    if shape.contains(0) { count = 0 }
    guard !overflows, count <= stream.largestCount else {
      throw problem(
        "shape \(shape) of \(element.byteCount)-byte elements",
        "at most \(stream.largestCount) bytes, which is what the file can hold")
    }
    self.element = element
    self.shape = shape
    bytes = try stream.bytes(count, "values of shape \(shape)")
    try stream.finish()
  }

  /// Writes the file, not packed, in one step that cannot leave half of it.
  public func write(to path: String) throws {
    var header: [UInt8] = [0, 0, element.rawValue, UInt8(shape.count)]
    for length in shape {
      withUnsafeBytes(of: UInt32(length).bigEndian) { header.append(contentsOf: $0) }
    }
    try AtomicFile.write(to: path) { writer in
      try writer.write(header)
      try writer.write(bytes)
    }
  }
}
