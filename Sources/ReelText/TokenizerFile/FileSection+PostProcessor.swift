extension FileSection {
  /// The post-processor that this object describes.
  func postProcessor() throws(TextError) -> PostProcessor {
    switch type {
    case "BertProcessing":
      try allow(["sep", "cls"])
      return .bert(separator: try token("sep"), classifier: try token("cls"))
    case "RobertaProcessing":
      try allow(["sep", "cls", "trim_offsets", "add_prefix_space"])
      return .roberta(
        separator: try token("sep"), classifier: try token("cls"),
        trimsOffsets: try boolean("trim_offsets"),
        addsPrefixSpace: try boolean("add_prefix_space"))
    case "ByteLevel":
      try allow(["add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel(
        addsPrefixSpace: try boolean("add_prefix_space"),
        trimsOffsets: try boolean("trim_offsets"),
        usesPattern: try boolean("use_regex", standard: true))
    case "TemplateProcessing":
      try allow(["single", "pair", "special_tokens"])
      return .template(
        try TemplateProcessing(
          single: pieces("single"), pair: pieces("pair"), specials: specials()))
    case "Sequence":
      try allow(["processors"])
      var parts: [PostProcessor] = []
      for part in try sections("processors") { parts.append(try part.postProcessor()) }
      return .sequence(parts)
    default:
      throw unsupportedType(
        expected: "BertProcessing, RobertaProcessing, ByteLevel, TemplateProcessing or Sequence")
    }
  }

  /// A token as an array of its text and its id.
  private func token(_ key: String) throws(TextError) -> PostProcessor.Token {
    let values = try array(key)
    guard values.count == 2, case .string(let text) = values[0], case .integer(let id) = values[1],
      0..<Int(Int32.max) ~= id
    else { throw unexpected(key, expected: "[token, id]") }
    return PostProcessor.Token(text, id: Int32(id))
  }

  // MARK: Templates

  private func pieces(_ key: String) throws(TextError) -> [TemplateProcessing.Piece] {
    var pieces: [TemplateProcessing.Piece] = []
    for section in try sections(key) {
      guard section.object.members.count == 1, let kind = section.object.members.first?.key else {
        throw TextError(
          "\(section.name) has \(section.object.members.count) keys, expected \"Sequence\" or "
            + "\"SpecialToken\"")
      }
      try section.allow(["Sequence", "SpecialToken"])
      let piece = try section.section(kind)
      try piece.allow(["id", "type_id"])
      let typeID = try piece.id("type_id")
      let id = try piece.string("id")
      guard kind == "Sequence" else {
        pieces.append(.special(id, typeID: typeID))
        continue
      }
      guard id == "A" || id == "B" else { throw piece.unexpected("id", expected: "\"A\" or \"B\"") }
      pieces.append(.sequence(id == "A" ? 0 : 1, typeID: typeID))
    }
    return pieces
  }

  private func specials() throws(TextError) -> [TemplateProcessing.Special] {
    var specials: [TemplateProcessing.Special] = []
    for member in try section("special_tokens").object.members {
      let section = try FileSection(member.value, name: "special token \(jsonQuoted(member.key))")
      try section.allow(["id", "ids", "tokens"])
      guard try section.string("id").utf8.elementsEqual(member.key.utf8) else {
        throw section.unexpected("id", expected: jsonQuoted(member.key))
      }
      var ids: [Int32] = []
      for value in try section.array("ids") {
        guard case .integer(let id) = value, 0..<Int(Int32.max) ~= id else {
          throw section.unexpected("ids", expected: "ids, not \(value.kindName)")
        }
        ids.append(Int32(id))
      }
      var tokens: [String] = []
      for value in try section.array("tokens") {
        guard case .string(let token) = value else {
          throw section.unexpected("tokens", expected: "tokens, not \(value.kindName)")
        }
        tokens.append(token)
      }
      guard ids.count == tokens.count else {
        throw TextError(
          "\(section.name) has \(ids.count) ids and \(tokens.count) tokens, expected equally many")
      }
      specials.append(TemplateProcessing.Special(member.key, tokens: tokens, ids: ids))
    }
    return specials
  }
}
