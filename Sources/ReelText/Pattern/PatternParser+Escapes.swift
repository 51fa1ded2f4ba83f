extension PatternParser {
  /// What an escape stands for.
  private enum Escape {
    case scalar(Unicode.Scalar)
    case set(ScalarSet)
    case node(PatternNode)
  }

  /// An escape outside a character class.
  mutating func escapeNode(_ flags: Flags) throws(TextError) -> PatternNode {
    switch try escape(isInClass: false) {
    case .scalar(let scalar): return literal(scalar, flags)
    case .set(let set): return .set(set)
    case .node(let node): return node
    }
  }

  private mutating func escape(isInClass: Bool) throws(TextError) -> Escape {
    guard let kind = peek(1) else { throw error("a '\\' with nothing behind it") }
    if !isInClass, kind == "w" || kind == "W" {
      position += 2
      return .set(kind == "w" ? .wordOutsideClasses : ScalarSet.wordOutsideClasses.inverted)
    }
    if let set = Self.classEscape(kind) {
      position += 2
      return .set(set)
    }
    if !isInClass, let node = Self.nodeEscape(kind) {
      position += 2
      return .node(node)
    }
    switch kind {
    case "p", "P": return .set(try property())
    case "x": return .scalar(try hexadecimalEscape())
    case "u": return .scalar(try fourDigitEscape())
    case "0": return .scalar(try octalEscape())
    case "b" where isInClass:
      position += 2
      return .scalar("\u{08}")
    default: break
    }
    let controls: [Unicode.Scalar: Unicode.Scalar] = [
      "t": "\t", "n": "\n", "r": "\r", "f": "\u{0C}", "v": "\u{0B}", "a": "\u{07}", "e": "\u{1B}",
    ]
    if let control = controls[kind] {
      position += 2
      return .scalar(control)
    }
    if "1"..."9" ~= kind { throw unsupported("the back-reference '\\\(kind)'") }
    if kind.value < 0x80, kind.properties.isAlphabetic {
      throw unsupported("the escape '\\\(kind)'")
    }
    position += 2
    return .scalar(kind)
  }

  private static func classEscape(_ kind: Unicode.Scalar) -> ScalarSet? {
    switch kind {
    case "s": return .whiteSpace
    case "S": return ScalarSet.whiteSpace.inverted
    case "d": return .category(.nd)
    case "D": return ScalarSet.category(.nd).inverted
    case "w": return .word
    case "W": return ScalarSet.word.inverted
    case "h": return .hexadecimalDigits
    case "H": return ScalarSet.hexadecimalDigits.inverted
    default: return nil
    }
  }

  private static func nodeEscape(_ kind: Unicode.Scalar) -> PatternNode? {
    switch kind {
    case "A": return .anchor(.textStart)
    case "z": return .anchor(.textEnd)
    case "Z": return .anchor(.lastLineEnd)
    case "b": return .anchor(.wordBoundary)
    case "B": return .anchor(.noWordBoundary)
    case "X": return .grapheme
    case "N": return .set(ScalarSet(0x0A).inverted)
    case "O": return .set(.all)
    case "R":
      // CR LF counts as one, and is not given back.
      let pair = PatternNode.sequence([.set(ScalarSet(0x0D)), .set(ScalarSet(0x0A))])
      let breaks = ScalarSet([0x0A...0x0D, 0x85...0x85, 0x2028...0x2029])
      return .atomic(.alternatives([pair, .set(breaks)]))
    default: return nil
    }
  }

  // MARK: Scalars by number

  private mutating func hexadecimalEscape() throws(TextError) -> Unicode.Scalar {
    let start = position
    position += 2
    let isBraced = take("{")
    let value = digits(upTo: isBraced ? 8 : 2, radix: 16)
    guard let value, !isBraced || take("}") else { throw unexpected("hexadecimal digits") }
    guard isBraced || value < 0x80 else {
      position = start
      throw unsupported("a byte of a longer character, \\x\(String(value, radix: 16)),")
    }
    return try scalar(value, at: start)
  }

  private mutating func fourDigitEscape() throws(TextError) -> Unicode.Scalar {
    let start = position
    position += 2
    guard let value = digits(upTo: 4, radix: 16), position == start + 6 else {
      throw unexpected("four hexadecimal digits after \\u")
    }
    return try scalar(value, at: start)
  }

  private mutating func octalEscape() throws(TextError) -> Unicode.Scalar {
    let start = position
    position += 1
    return try scalar(digits(upTo: 3, radix: 8) ?? 0, at: start)
  }

  private mutating func digits(upTo count: Int, radix: UInt32) -> UInt32? {
    var value: UInt32?
    for _ in 0..<count {
      guard let digit = next.flatMap({ Character($0).hexDigitValue }), digit < radix else { break }
      value = (value ?? 0) << (radix == 16 ? 4 : 3) | UInt32(digit)
      position += 1
    }
    return value
  }

  private func scalar(_ value: UInt32, at start: Int) throws(TextError) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(value) else {
      throw TextError(
        "the pattern has the value 0x\(String(value, radix: 16)) at position \(start + 1), "
          + "expected a Unicode scalar")
    }
    return scalar
  }

  // MARK: Properties

  /// `\p{Name}`, `\p{^Name}`, `\P{Name}` or `\pL`.
  private mutating func property() throws(TextError) -> ScalarSet {
    let start = position
    var isNegated = peek(1) == "P"
    position += 2
    guard take("{") else {
      position = start
      throw unsupported("a property without braces")
    }
    if take("^") { isNegated.toggle() }
    var name = ""
    while let scalar = next, scalar != "}" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}") else { throw unexpected("'}' at the end of a property's name") }
    guard let set = ScalarSet.property(named: name) else {
      position = start
      throw unsupported("the property '\(name)'")
    }
    return isNegated ? set.inverted : set
  }

  // MARK: Classes

  /// A character class, from behind its '['.
  mutating func characterClass(
    _ flags: Flags, depth: Int, isNested: Bool
  ) throws(TextError) -> ScalarSet {
    let start = position - 1
    guard depth < 100 else { throw error("more than 100 levels of classes") }
    let isNegated = take("^")
    var members: [ClosedRange<UInt32>] = []
    var common: ScalarSet?
    func intersected() -> ScalarSet {
      let set = ScalarSet(members)
      return common.map { $0.intersection(set) } ?? set
    }
    var isFirst = true
    while true {
      guard let scalar = next else {
        throw TextError(
          "the pattern ends inside a character class that was opened at position \(start + 1)")
      }
      if scalar == "]", !isFirst { break }
      isFirst = false
      if scalar == "&", peek(1) == "&" {
        position += 2
        common = intersected()
        members = []
      } else if scalar == "[" {
        if let set = try bracketedClass() {
          members += set.ranges
        } else {
          position += 1
          members += try characterClass(flags, depth: depth + 1, isNested: true).ranges
        }
      } else {
        members += try classRange()
      }
    }
    position += 1
    var set = intersected()
    if flags.ignoresCase, !isNested { set = set.ignoringCase }
    return isNegated ? set.inverted : set
  }

  /// One scalar, a range of them, or what an escape stands for.
  private mutating func classRange() throws(TextError) -> [ClosedRange<UInt32>] {
    let start = position
    guard let first = try classScalar() else { return [] }
    guard case .scalar(let low) = first else {
      if case .set(let set) = first { return set.ranges }
      return []
    }
    guard next == "-", let end = peek(1), end != "]", end != "[" else {
      return [low.value...low.value]
    }
    position += 1
    guard case .scalar(let high)? = try classScalar() else {
      position = start
      throw error("a range that ends in a class")
    }
    guard low <= high else {
      position = start
      throw error("a range that runs backwards")
    }
    return [low.value...high.value]
  }

  private mutating func classScalar() throws(TextError) -> Escape? {
    guard let scalar = next else { return nil }
    if scalar == "\\" { return try escape(isInClass: true) }
    position += 1
    return .scalar(scalar)
  }

  /// `[:name:]` or `[:^name:]`; nil where the bracket opens an ordinary class.
  private mutating func bracketedClass() throws(TextError) -> ScalarSet? {
    guard peek(1) == ":" else { return nil }
    var end = position + 2
    while end < scalars.count, scalars[end].properties.isAlphabetic || scalars[end] == "^" {
      end += 1
    }
    guard end + 1 < scalars.count, scalars[end] == ":", scalars[end + 1] == "]" else { return nil }
    var name = String(String.UnicodeScalarView(scalars[position + 2..<end]))
    let isNegated = name.hasPrefix("^")
    if isNegated { name.removeFirst() }
    guard let set = ScalarSet.bracketed(name) else { throw unsupported("the class '[:\(name):]'") }
    position = end + 2
    return isNegated ? set.inverted : set
  }
}
