/// Reads a regular expression in the syntax of Oniguruma.
struct PatternParser {
  let scalars: [Unicode.Scalar]
  var position = 0
  private static let maximumDepth = 100
  /// The greatest number in a quantifier; Oniguruma's bound too.
  private static let maximumCount = 100_000

  /// What the flags of a group say.
  struct Flags {
    var ignoresCase = false
    var dotMatchesLineFeed = false
    var isExtended = false
  }

  static func parse(_ expression: String) throws(TextError) -> PatternNode {
    var parser = PatternParser(scalars: Array(expression.unicodeScalars))
    let node = try parser.alternatives(Flags(), depth: 0)
    guard parser.next == nil else { throw parser.error("an unmatched ')'") }
    return node
  }

  // MARK: Alternatives and sequences

  private mutating func alternatives(
    _ flags: Flags, depth: Int
  ) throws(TextError) -> PatternNode {
    guard depth < Self.maximumDepth else {
      throw error("more than \(Self.maximumDepth) levels of groups")
    }
    var branches: [PatternNode] = []
    var branch: [PatternNode] = []
    func finished(_ nodes: [PatternNode]) -> PatternNode {
      nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }
    while let scalar = next, scalar != ")" {
      if take("|") {
        branches.append(finished(branch))
        branch = []
      } else if flags.isExtended, skipExtended() {
        continue
      } else if var changed = try flagChange(flags) {
        // A change of flags holds to the end of the group, over its alternatives too.
        if take(":") {
          let body = try alternatives(changed, depth: depth + 1)
          try closeGroup()
          branch.append(try quantified(body, flags))
        } else {
          guard take(")") else { throw unexpected("':' or ')' after flags") }
          changed.isExtended = changed.isExtended || flags.isExtended
          branch.append(try alternatives(changed, depth: depth + 1))
        }
      } else if let atom = try atom(flags, depth: depth) {
        branch.append(try quantified(atom, flags))
      }
    }
    branches.append(finished(branch))
    return .anyOf(branches)
  }

  /// Skips white space or a comment, which flag x allows.
  private mutating func skipExtended() -> Bool {
    guard let scalar = next else { return false }
    if scalar.value < 0x80, UnicodeProperties.isWhiteSpace(scalar.value) {
      position += 1
      return true
    }
    guard scalar == "#" else { return false }
    while let scalar = next, scalar != "\n" {
      _ = scalar
      position += 1
    }
    return true
  }

  /// The flags that `(?imx-imx` asks for, up to the ':' or ')' behind them; nil for anything else.
  private mutating func flagChange(_ flags: Flags) throws(TextError) -> Flags? {
    guard peek(0) == "(", peek(1) == "?", let first = peek(2), "imx-".unicodeScalars.contains(first)
    else { return nil }
    position += 2
    var flags = flags
    var isOn = true
    while let scalar = next {
      switch scalar {
      case "-": isOn = false
      case "i": flags.ignoresCase = isOn
      case "m": flags.dotMatchesLineFeed = isOn
      case "x": flags.isExtended = isOn
      case ":", ")": return flags
      default: throw unsupported("the flag '\(scalar)'")
      }
      position += 1
    }
    throw error("a group that is not closed")
  }

  // MARK: Atoms

  private mutating func atom(_ flags: Flags, depth: Int) throws(TextError) -> PatternNode? {
    guard let scalar = next else { return nil }
    switch scalar {
    case "(": return try group(flags, depth: depth)
    case "[":
      position += 1
      return .set(try characterClass(flags, depth: depth + 1, isNested: false))
    case "\\": return try escapeNode(flags)
    case "*", "+", "?": throw error("'\(scalar)' with nothing before it to repeat")
    default: break
    }
    position += 1
    switch scalar {
    case ".":
      return .set(flags.dotMatchesLineFeed ? .all : ScalarSet(0x0A).inverted)
    case "^": return .anchor(.lineStart)
    case "$": return .anchor(.lineEnd)
    default: return literal(scalar, flags)
    }
  }

  func literal(_ scalar: Unicode.Scalar, _ flags: Flags) -> PatternNode {
    let set = ScalarSet(scalar.value)
    return .set(flags.ignoresCase ? set.ignoringCase : set)
  }

  private mutating func group(_ flags: Flags, depth: Int) throws(TextError) -> PatternNode? {
    let start = position
    position += 1
    func body(_ parser: inout PatternParser) throws(TextError) -> PatternNode {
      let node = try parser.alternatives(flags, depth: depth + 1)
      try parser.closeGroup(openedAt: start)
      return node
    }
    guard take("?") else { return try body(&self) }
    if take("#") {
      while let scalar = next, scalar != ")" {
        _ = scalar
        position += 1
      }
      try closeGroup(openedAt: start)
      return nil
    }
    if take(":") { return try body(&self) }
    if take("=") { return .look(try body(&self), ahead: true, negated: false) }
    if take("!") { return .look(try body(&self), ahead: true, negated: true) }
    if take(">") { return .atomic(try body(&self)) }
    if peek(0) == "<", let kind = peek(1), kind == "=" || kind == "!" {
      position += 2
      return try lookBehind(body(&self), negated: kind == "!", at: start)
    }
    if let quote = next, quote == "<" || quote == "'" {
      position += 1
      let end: Unicode.Scalar = quote == "<" ? ">" : "'"
      while let scalar = next, scalar != end, scalar.properties.isAlphabetic || scalar == "_" {
        position += 1
      }
      guard next == end else { throw unexpected("the name of a group") }
      position += 1
      return try body(&self)
    }
    let kind = next.map { "(?\($0)" } ?? "(?"
    position = start
    throw unsupported("the group '\(kind)'")
  }

  private func lookBehind(
    _ body: PatternNode, negated: Bool, at start: Int
  ) throws(TextError) -> PatternNode {
    // Alternatives of different lengths are looked at one by one.
    var branches = [body]
    if case .alternatives(let nodes) = body { branches = nodes }
    for branch in branches where (branch.fixedLength ?? 256) > 255 {
      throw TextError(
        "the pattern looks behind over a number of characters that is not fixed, at position "
          + "\(start + 1), which is not supported")
    }
    let looks = branches.map { PatternNode.look($0, ahead: false, negated: negated) }
    if looks.count == 1 { return looks[0] }
    return negated ? .sequence(looks) : .alternatives(looks)
  }

  private mutating func closeGroup(openedAt start: Int? = nil) throws(TextError) {
    guard take(")") else {
      throw TextError(
        "the pattern ends inside a group"
          + (start.map { " that was opened at position \($0 + 1)" } ?? ""))
    }
  }

  // MARK: Quantifiers

  private mutating func quantified(
    _ atom: PatternNode, _ flags: Flags
  ) throws(TextError) -> PatternNode {
    var node = atom
    while let scalar = next {
      if flags.isExtended, skipExtended() { continue }
      let bounds: (minimum: Int, maximum: Int?)
      switch scalar {
      case "*": bounds = (0, nil)
      case "+": bounds = (1, nil)
      case "?": bounds = (0, 1)
      case "{":
        guard let interval = try interval() else { return node }
        // A mark behind an interval is a quantifier of its own, but for the lazy one.
        let isFixed = interval.minimum == interval.maximum
        let isLazy = !isFixed && take("?")
        node = .repeated(
          node, minimum: interval.minimum, maximum: interval.maximum, isLazy ? .lazy : .greedy)
        continue
      default: return node
      }
      position += 1
      var repetition = PatternNode.Repetition.greedy
      if take("?") { repetition = .lazy } else if take("+") { repetition = .possessive }
      node = .repeated(node, minimum: bounds.minimum, maximum: bounds.maximum, repetition)
    }
    return node
  }

  /// The bounds of `{n}`, `{n,}`, `{,m}` or `{n,m}`; nil where the brace stands for itself.
  private mutating func interval() throws(TextError) -> (minimum: Int, maximum: Int?)? {
    let start = position
    position += 1
    let minimum = try number()
    var maximum = minimum
    let hasComma = take(",")
    if hasComma { maximum = try number() }
    guard take("}"), minimum != nil || maximum != nil else {
      position = start
      return nil
    }
    if let minimum, let maximum, minimum > maximum {
      position = start
      throw error("the quantifier {\(minimum),\(maximum)} with its bounds the wrong way round")
    }
    return (minimum ?? 0, maximum)
  }

  private mutating func number() throws(TextError) -> Int? {
    var value: Int?
    while let scalar = next, "0"..."9" ~= scalar {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      guard value ?? 0 <= Self.maximumCount else {
        throw error("a quantifier above \(Self.maximumCount)")
      }
      position += 1
    }
    return value
  }

  // MARK: Scalars and errors

  var next: Unicode.Scalar? { peek(0) }

  func peek(_ offset: Int) -> Unicode.Scalar? {
    position + offset < scalars.count ? scalars[position + offset] : nil
  }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  func error(_ what: String) -> TextError {
    TextError("the pattern has \(what) at position \(position + 1)")
  }

  func unsupported(_ what: String) -> TextError {
    TextError("the pattern has \(what) at position \(position + 1), which is not supported")
  }

  func unexpected(_ expected: String) -> TextError {
    guard let scalar = next else { return TextError("the pattern ends, expected \(expected)") }
    return TextError(
      "the pattern has '\(scalar.escaped(asASCII: false))' at position \(position + 1), expected "
        + expected)
  }
}
