/// A regular expression as instructions for a `PatternMachine`.
struct PatternProgram: Sendable {
  /// What an instruction does; a to d are its operands.
  enum Operation: UInt8, Sendable {
    /// The match is found.
    case accept
    /// The b bytes at a of the literals.
    case literal
    /// One scalar of set a.
    case set
    /// Goes on at a.
    case jump
    /// Goes on at a, and at b if that fails. Table c (d) of first bytes says whether a (b) can
    /// match at all; −1 where it says nothing.
    case split
    /// b to c scalars of set a (c = −1: no bound); d numbers the run.
    case greedyRun, lazyRun, possessiveRun
    case lineStart, lineEnd, textStart, textEnd, lastLineEnd
    case wordBoundary, noWordBoundary
    /// The scalar at (before) the position is, or is not, in set a.
    case ahead, notAhead, behind, notBehind
    /// Begins a body whose ways of matching are forgotten at its end.
    case openAtomic, openLook
    /// The body must not match; then goes on at a.
    case openNegatedLook
    case closeAtomic, closeLook, closeNegatedLook
    /// Goes a scalars back.
    case stepBack
    /// One grapheme cluster.
    case grapheme
    /// Remembers the position in slot a.
    case mark
    /// Goes on at b where the position is still that of slot a: the body of the loop was empty.
    case check
  }

  struct Instruction: Sendable {
    var operation: Operation
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var d: Int32 = 0
    /// The number of a split outside of bodies that forget, else −1.
    var ordinal: Int32 = -1
  }

  fileprivate(set) var instructions: [Instruction] = []
  fileprivate(set) var bitmaps = ScalarBitmaps()
  fileprivate(set) var literals: [UInt8] = []
  /// Tables of 256 entries: whether something can begin with a byte.
  fileprivate(set) var firstBytes: [UInt8] = []
  /// How many runs, slots and numbered splits there are.
  fileprivate(set) var runCount = 0
  fileprivate(set) var slotCount = 0
  fileprivate(set) var splitCount = 0
  /// The table of the bytes that a match can begin with; −1 where a match may be empty.
  fileprivate(set) var start: Int32 = -1
  /// The set of the scalars that make up words, or −1 where no instruction needs it.
  fileprivate(set) var wordSet = -1

  init(expression: String) throws(TextError) {
    var compiler = PatternCompiler()
    try compiler.compile(PatternParser.parse(expression))
    self = compiler.program
  }

  init(literal nodes: [PatternNode]) {
    var compiler = PatternCompiler()
    compiler.compileLiteral(nodes)
    self = compiler.program
  }

  fileprivate init() {}
}

/// Makes instructions of a tree.
private struct PatternCompiler {
  var program = PatternProgram()
  private var isForgetting = false
  private static let maximumCount = 20_000

  mutating func compile(_ node: PatternNode) throws(TextError) {
    program.start = firstTable(node)
    try emit(node, isLast: true)
    finish()
  }

  mutating func compileLiteral(_ nodes: [PatternNode]) {
    program.start = firstTable(.sequence(nodes))
    emitLiteral(nodes[...])
    finish()
  }

  private mutating func finish() {
    append(.accept)
    // A jump to the end is an end.
    for (index, instruction) in program.instructions.enumerated()
    where instruction.operation == .jump
      && program.instructions[Int(instruction.a)].operation == .accept
    {
      program.instructions[index].operation = .accept
    }
  }

  private var here: Int32 { Int32(program.instructions.count) }

  @discardableResult
  private mutating func append(
    _ operation: PatternProgram.Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0
  ) -> Int {
    program.instructions.append(
      PatternProgram.Instruction(
        operation: operation, a: Int32(a), b: Int32(b), c: Int32(c), d: Int32(d)))
    return program.instructions.count - 1
  }

  /// The number of the table of first bytes of a node, −1 where it can match nothing.
  private mutating func firstTable(_ node: PatternNode) -> Int32 {
    let (isNullable, set) = node.beginning
    if isNullable { return -1 }
    program.firstBytes += ScalarBitmaps.firstBytes(of: set)
    return Int32(program.firstBytes.count / 256 - 1)
  }

  // MARK: Nodes

  /// `isLast`: whatever follows always matches and wants no other way of this one.
  private mutating func emit(_ node: PatternNode, isLast: Bool) throws(TextError) {
    guard program.instructions.count < Self.maximumCount else {
      throw TextError(
        "the pattern is too large: its repetitions come to more than \(Self.maximumCount) steps")
    }
    switch node {
    case .set(let set):
      if set.single != nil {
        emitLiteral([node])
      } else {
        append(.set, program.bitmaps.number(of: set))
      }
    case .sequence(let nodes): try emitSequence(nodes, isLast: isLast)
    case .alternatives(let nodes): try emitAlternatives(nodes, isLast: isLast)
    case .repeated(let body, let minimum, let maximum, let repetition):
      try emitRepetition(body, minimum, maximum, repetition, isLast: isLast)
    case .atomic(let body): try emitBody(body, .openAtomic, .closeAtomic)
    case .look(let body, let ahead, let negated):
      try emitLook(body, ahead: ahead, negated: negated)
    case .anchor(let anchor): emitAnchor(anchor)
    case .grapheme: append(.grapheme)
    }
  }

  private mutating func emitSequence(_ nodes: [PatternNode], isLast: Bool) throws(TextError) {
    var index = 0
    while index < nodes.count {
      let rest = nodes[(index + 1)...]
      let literal = nodes[index...].prefix {
        if case .set(let set) = $0 { return set.single != nil }
        return false
      }
      if !literal.isEmpty {
        emitLiteral(literal)
        index += literal.count
        continue
      }
      // A run gives nothing back where what follows cannot begin with a scalar of it.
      if case .repeated(.set(let set), let minimum, let maximum, .greedy) = nodes[index] {
        let next = PatternNode.beginning(of: rest)
        if !next.isNullable, next.set.isDisjoint(with: set) {
          emitRun(.possessiveRun, set, minimum, maximum)
          index += 1
          continue
        }
      }
      try emit(nodes[index], isLast: isLast && rest.isEmpty)
      index += 1
    }
  }

  private mutating func emitLiteral(_ nodes: ArraySlice<PatternNode>) {
    let offset = program.literals.count
    for case .set(let set) in nodes {
      if let scalar = set.single { appendUTF8(scalar, to: &program.literals) }
    }
    append(.literal, offset, program.literals.count - offset)
  }

  private mutating func emitAlternatives(_ nodes: [PatternNode], isLast: Bool) throws(TextError) {
    var jumps: [Int] = []
    for (index, node) in nodes.enumerated() {
      var split: Int?
      if index + 1 < nodes.count {
        split = appendSplit()
        let table = firstTable(node)
        program.instructions[here(before: 1)].c = table
        if index + 2 == nodes.count {
          program.instructions[here(before: 1)].d = firstTable(nodes[index + 1])
        }
      }
      if let split { program.instructions[split].a = here }
      try emit(node, isLast: isLast)
      if let split {
        jumps.append(append(.jump))
        program.instructions[split].b = here
      }
    }
    for jump in jumps { program.instructions[jump].a = here }
  }

  private func here(before count: Int) -> Int { program.instructions.count - count }

  private mutating func appendSplit() -> Int {
    let split = append(.split, 0, 0, -1, -1)
    if !isForgetting {
      program.instructions[split].ordinal = Int32(program.splitCount)
      program.splitCount += 1
    }
    return split
  }

  private mutating func emitBody(
    _ body: PatternNode, _ open: PatternProgram.Operation, _ close: PatternProgram.Operation,
    stepsBack: Int = 0
  ) throws(TextError) {
    let wasForgetting = isForgetting
    isForgetting = true
    let opening = append(open)
    if stepsBack > 0 { append(.stepBack, stepsBack) }
    try emit(body, isLast: true)
    append(close)
    program.instructions[opening].a = here
    isForgetting = wasForgetting
  }

  private mutating func emitLook(
    _ body: PatternNode, ahead: Bool, negated: Bool
  ) throws(TextError) {
    if case .set(let set) = body {
      let number = program.bitmaps.number(of: set)
      if ahead {
        append(negated ? .notAhead : .ahead, number)
      } else {
        append(negated ? .notBehind : .behind, number)
      }
      return
    }
    try emitBody(
      body, negated ? .openNegatedLook : .openLook, negated ? .closeNegatedLook : .closeLook,
      stepsBack: ahead ? 0 : body.fixedLength ?? 0)
  }

  private mutating func emitAnchor(_ anchor: PatternNode.Anchor) {
    switch anchor {
    case .lineStart: append(.lineStart)
    case .lineEnd: append(.lineEnd)
    case .textStart: append(.textStart)
    case .textEnd: append(.textEnd)
    case .lastLineEnd: append(.lastLineEnd)
    case .wordBoundary, .noWordBoundary:
      program.wordSet = program.bitmaps.number(of: .wordOutsideClasses)
      append(anchor == .wordBoundary ? .wordBoundary : .noWordBoundary)
    }
  }

  // MARK: Repetitions

  private mutating func emitRun(
    _ operation: PatternProgram.Operation, _ set: ScalarSet, _ minimum: Int, _ maximum: Int?
  ) {
    append(
      operation, program.bitmaps.number(of: set), minimum, maximum ?? -1, program.runCount)
    program.runCount += 1
  }

  private mutating func emitRepetition(
    _ body: PatternNode, _ minimum: Int, _ maximum: Int?, _ repetition: PatternNode.Repetition,
    isLast: Bool
  ) throws(TextError) {
    if case .set(let set) = body {
      switch repetition {
      case .lazy: emitRun(.lazyRun, set, minimum, maximum)
      case .possessive: emitRun(.possessiveRun, set, minimum, maximum)
      case .greedy:
        let givesBack = !isLast && minimum != maximum
        emitRun(givesBack ? .greedyRun : .possessiveRun, set, minimum, maximum)
      }
      return
    }
    if repetition == .possessive {
      try emit(
        .atomic(.repeated(body, minimum: minimum, maximum: maximum, .greedy)), isLast: isLast)
      return
    }
    for _ in 0..<minimum { try emit(body, isLast: false) }
    guard let maximum else {
      try emitLoop(body, repetition)
      return
    }
    var splits: [Int] = []
    for _ in minimum..<max(minimum, maximum) {
      splits.append(try emitOption(body, repetition))
    }
    for split in splits { setExit(of: split, repetition) }
  }

  /// A body that may be left out; the exit of the split is set later.
  private mutating func emitOption(
    _ body: PatternNode, _ repetition: PatternNode.Repetition
  ) throws(TextError) -> Int {
    let split = appendSplit()
    let table = firstTable(body)
    if repetition == .lazy {
      program.instructions[split].b = here
      program.instructions[split].d = table
    } else {
      program.instructions[split].a = here
      program.instructions[split].c = table
    }
    try emit(body, isLast: false)
    return split
  }

  private mutating func setExit(of split: Int, _ repetition: PatternNode.Repetition) {
    if repetition == .lazy {
      program.instructions[split].a = here
    } else {
      program.instructions[split].b = here
    }
  }

  private mutating func emitLoop(
    _ body: PatternNode, _ repetition: PatternNode.Repetition
  ) throws(TextError) {
    guard body.beginning.isNullable else {
      let split = try emitOption(body, repetition)
      append(.jump, split)
      setExit(of: split, repetition)
      return
    }
    // An iteration that takes nothing ends the loop.
    let slot = program.slotCount
    program.slotCount += 1
    let split = appendSplit()
    let bodyStart = here
    append(.mark, slot)
    try emit(body, isLast: false)
    let check = append(.check, slot)
    append(.jump, split)
    program.instructions[check].b = here
    if repetition == .lazy {
      program.instructions[split].b = bodyStart
    } else {
      program.instructions[split].a = bodyStart
    }
    setExit(of: split, repetition)
  }
}
