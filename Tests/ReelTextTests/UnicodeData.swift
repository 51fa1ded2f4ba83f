import Foundation
import ReelText
import Testing

/// Files of the Unicode Character Database, as Debian's package unicode-data installs them.
enum UnicodeData {
  private static let folder = "/usr/share/unicode/"

  /// What the tests that need a file say where it is not there.
  static let hint: Comment = "skipped: Unicode's own test files are not installed (unicode-data)"

  /// The lines of a file without comments and blank ones, each with its number; nil where the file,
  /// or bzip2 for a compressed one, is not there.
  static func lines(of name: String) -> [(number: Int, text: Substring)]? {
    guard let text = text(of: name) else { return nil }
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      let content = $1.prefix { $0 != "#" }
      return content.allSatisfy(\.isWhitespace) ? nil : ($0 + 1, content)
    }
  }

  /// The version that a file's first line names: "NormalizationTest-15.0.0.txt" has "15.0.0".
  static func version(of name: String) -> String {
    let first = text(of: name)?.prefix { $0 != "\n" } ?? ""
    guard let dash = first.lastIndex(of: "-") else { return "unknown" }
    return String(first[first.index(after: dash)...].prefix { $0.isNumber || $0 == "." }.dropLast())
  }

  static func has(_ name: String) -> Bool { text(of: name) != nil }

  private static func text(of name: String) -> String? {
    if let data = FileManager.default.contents(atPath: folder + name) {
      return String(decoding: data, as: UTF8.self)
    }
    let compressed = folder + name + ".bz2"
    let bzip2 = ["/usr/bin/bzip2", "/bin/bzip2"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    guard let bzip2, FileManager.default.fileExists(atPath: compressed) else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: bzip2)
    process.arguments = ["-dc", compressed]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }

  /// The scalars of a field such as "0041 030A".
  static func scalars(_ field: some StringProtocol) -> [UInt32] {
    field.split(separator: " ").compactMap { UInt32($0, radix: 16) }
  }

  /// The scalars of a field such as "0041..005A" or "00AA".
  static func range(_ field: some StringProtocol) -> ClosedRange<UInt32>? {
    let bounds = field.trimmingCharacters(in: .whitespaces).components(separatedBy: "..")
    guard let first = bounds.first, let lower = UInt32(first, radix: 16),
      let last = bounds.last, let upper = UInt32(last, radix: 16)
    else { return nil }
    return lower...upper
  }

  /// All scalars that have a property in a file such as PropList.txt.
  static func scalars(with property: String, in name: String) -> Set<UInt32>? {
    guard let lines = lines(of: name) else { return nil }
    var result: Set<UInt32> = []
    for line in lines {
      let fields = line.text.split(separator: ";")
      guard fields.count == 2, fields[1].trimmingCharacters(in: .whitespaces) == property,
        let range = range(fields[0])
      else { continue }
      result.formUnion(range)
    }
    return result
  }

  /// The general category of every assigned scalar, by its name in two letters.
  static func categories() -> [UInt32: String]? {
    guard let lines = lines(of: "UnicodeData.txt") else { return nil }
    var result: [UInt32: String] = [:]
    var rangeStart: UInt32?
    for line in lines {
      let fields = line.text.split(separator: ";", omittingEmptySubsequences: false)
      guard fields.count > 2, let scalar = UInt32(fields[0], radix: 16) else { continue }
      for member in (rangeStart ?? scalar)...scalar { result[member] = String(fields[2]) }
      rangeStart = fields[1].hasSuffix(", First>") ? scalar : nil
    }
    return result
  }
}

/// Every scalar value of Unicode.
var allScalars: some Sequence<UInt32> {
  (UInt32(0)...0x10FFFF).lazy.filter { !(0xD800...0xDFFF).contains($0) }
}

/// A text of scalars, given by their values.
func text(_ values: some Sequence<UInt32>) -> String {
  var scalars = String.UnicodeScalarView()
  for value in values {
    if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
  }
  return String(scalars)
}

/// Scalars in hexadecimal, as Unicode's files write them.
func hexadecimal(_ scalars: [UInt32]) -> String {
  scalars.map { String($0, radix: 16, uppercase: true) }.joined(separator: " ")
}
