import CUTF8Proc

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The four normalization forms of Unicode Standard Annex 15.
public enum NormalizationForm: String, Sendable, Codable, CaseIterable {
  /// Canonical composition: "e" and a combining acute accent become "é".
  case nfc = "NFC"
  /// Canonical decomposition: "é" becomes "e" and a combining acute accent.
  case nfd = "NFD"
  /// Compatibility composition: as NFC, and "ﬁ" becomes "fi", "①" becomes "1".
  case nfkc = "NFKC"
  /// Compatibility decomposition: as NFD, and "ﬁ" becomes "fi", "①" becomes "1".
  case nfkd = "NFKD"

  var options: utf8proc_option_t {
    let shape: utf8proc_option_t
    switch self {
    case .nfc, .nfkc: shape = UTF8PROC_COMPOSE
    case .nfd, .nfkd: shape = UTF8PROC_DECOMPOSE
    }
    var bits = UTF8PROC_STABLE.rawValue | shape.rawValue
    if self == .nfkc || self == .nfkd { bits |= UTF8PROC_COMPAT.rawValue }
    return utf8proc_option_t(rawValue: bits)
  }
}

extension String {
  /// This text in a normalization form. The result may differ in its scalars although Swift, which
  /// compares strings by canonical equivalence, calls the two equal.
  public func normalized(_ form: NormalizationForm) -> String {
    var copy = self
    return copy.withUTF8 { bytes in
      // A Swift string is always well-formed, so only a lack of memory could make this fail.
      normalize(bytes, form) ?? String(decoding: bytes, as: UTF8.self)
    }
  }
}

/// Normalizes UTF-8 bytes.
public enum Normalization {
  /// `bytes` in a normalization form; bytes that are not UTF-8 are refused with their position.
  public static func normalize(
    _ bytes: [UInt8], _ form: NormalizationForm
  ) throws(UTF8Error) -> [UInt8] {
    try UTF8Validation.validate(bytes)
    return bytes.withUnsafeBufferPointer { source in
      ReelText.normalize(source, form).map { Array($0.utf8) } ?? bytes
    }
  }
}

/// Nil where utf8proc gives up, which for well-formed bytes means that memory ran out.
private func normalize(_ bytes: UnsafeBufferPointer<UInt8>, _ form: NormalizationForm) -> String? {
  // ASCII is the same in every form; this also keeps an empty buffer's nil address from C.
  if UTF8Sequence.asciiRun(from: 0, in: bytes) == bytes.count {
    return String(decoding: bytes, as: UTF8.self)
  }
  var result: UnsafeMutablePointer<UInt8>?
  let length = utf8proc_map(bytes.baseAddress, bytes.count, &result, form.options)
  defer { free(result) }
  guard let result, length >= 0 else { return nil }
  return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
}
