import CUTF8Proc

/// Which scalars are the same when case is ignored: those with the same simple case folding.
enum SimpleCaseFolding {
  /// The scalars that share a folding with others, by their folding.
  private static let groups: [UInt32: [UInt32]] = {
    var groups: [UInt32: [UInt32]] = [:]
    for scalar in UInt32(0)..<0x20000 {
      let folded = fold(scalar)
      if folded != scalar { groups[folded, default: [folded]].append(scalar) }
    }
    return groups
  }()

  /// The simple case folding of a scalar: itself where its full folding has more than one scalar
  /// and no lower-case form of its own.
  private static func fold(_ scalar: UInt32) -> UInt32 {
    if scalar < 0x80 {
      return 0x41...0x5A ~= scalar ? scalar + 0x20 : scalar
    }
    var folded: (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    var boundary: Int32 = 0
    let count = withUnsafeMutableBytes(of: &folded) { buffer in
      utf8proc_decompose_char(
        Int32(bitPattern: scalar), buffer.assumingMemoryBound(to: Int32.self).baseAddress, 4,
        UTF8PROC_CASEFOLD, &boundary)
    }
    if count == 1 { return UInt32(bitPattern: folded.0) }
    return UInt32(bitPattern: utf8proc_tolower(Int32(bitPattern: scalar)))
  }

  /// All scalars that are the same as `scalar`, without it.
  static func others(of scalar: UInt32) -> [UInt32] {
    (groups[fold(scalar)] ?? []).filter { $0 != scalar }
  }

  /// The scalars that have others, in ascending order.
  fileprivate static let members = ScalarSet(
    groups.values.joined().map { $0...$0 })
}

extension ScalarSet {
  /// The set with all scalars that differ from its members by case alone.
  ///
  /// This is the simple folding, one scalar to one scalar: "ß" stays apart from "ss".
  var ignoringCase: ScalarSet {
    var added: [ClosedRange<UInt32>] = []
    for range in intersection(SimpleCaseFolding.members).ranges {
      for scalar in range {
        added += SimpleCaseFolding.others(of: scalar).map { $0...$0 }
      }
    }
    return added.isEmpty ? self : union(ScalarSet(added))
  }
}
