extension FileSection {
  /// The decoder that this object describes.
  func decoder() throws(TextError) -> TokenDecoder {
    switch type {
    case "ByteLevel":
      // What the file says here belongs to encoding.
      try allow(["add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel
    case "ByteFallback":
      try allow([])
      return .byteFallback
    case "Fuse":
      try allow([])
      return .fuse
    case "WordPiece":
      try allow(["prefix", "cleanup"])
      return .wordPiece(prefix: try string("prefix"), cleansUp: try boolean("cleanup"))
    case "BPEDecoder":
      try allow(["suffix"])
      return .bytePair(suffix: try string("suffix"))
    case "Metaspace":
      let metaspace = try metaspace()
      return .metaspace(
        replacement: metaspace.replacement, prepend: metaspace.prepend, splits: metaspace.splits)
    case "Strip":
      try allow(["content", "start", "stop"])
      let counts = 0...Int(Int32.max)
      return .strip(
        try character("content"), start: try integer("start", in: counts),
        stop: try integer("stop", in: counts))
    case "Replace":
      try allow(["pattern", "content"])
      return .replace(try pattern(), with: try string("content"))
    case "CTC":
      try allow(["pad_token", "word_delimiter_token", "cleanup"])
      return .ctc(
        padding: try string("pad_token"), wordDelimiter: try string("word_delimiter_token"),
        cleansUp: try boolean("cleanup"))
    case "Sequence":
      try allow(["decoders"])
      var parts: [TokenDecoder] = []
      for part in try sections("decoders") { parts.append(try part.decoder()) }
      return .sequence(parts)
    default:
      throw unsupportedType(
        expected:
          "ByteLevel, ByteFallback, Fuse, WordPiece, BPEDecoder, Metaspace, Strip, Replace, "
          + "CTC or Sequence")
    }
  }
}
