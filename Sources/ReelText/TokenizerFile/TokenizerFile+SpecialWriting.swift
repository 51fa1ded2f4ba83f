extension ScalarTokenizer {
  /// A WordLevel model behind a Split that isolates each character.
  public var fileContent: [UInt8] {
    // "." would leave out line feeds.
    let split = """
      {
          "type": "Split",
          "pattern": {
            "Regex": "[\\\\s\\\\S]"
          },
          "behavior": "Isolated",
          "invert": false
        }
      """
    let model = """
      {
          "type": "WordLevel",
          "vocab": \(vocabularyText(tokens)),
          "unk_token": \(jsonQuoted(unknownToken))
        }
      """
    return tokenizerText(
      preTokenizer: split, decoder: "{\n    \"type\": \"Fuse\"\n  }", model: model)
  }
}

extension ByteTokenizer {
  /// A BPE model without merges: each byte, written as one printable character, is a token.
  public var fileContent: [UInt8] {
    let byteLevel = """
      {
          "type": "ByteLevel",
          "add_prefix_space": false,
          "trim_offsets": false,
          "use_regex": false
        }
      """
    let model = """
      {
          "type": "BPE",
          "dropout": null,
          "unk_token": null,
          "continuing_subword_prefix": null,
          "end_of_word_suffix": null,
          "fuse_unk": false,
          "byte_fallback": false,
          "ignore_merges": false,
          "vocab": \(vocabularyText(ByteLevelAlphabet.scalars.map { String($0) })),
          "merges": []
        }
      """
    return tokenizerText(preTokenizer: byteLevel, decoder: byteLevel, model: model)
  }
}

/// One line for each token, in the order of the ids.
private func vocabularyText(_ tokens: [String]) -> String {
  let lines = tokens.enumerated().map { "      \(jsonQuoted($0.element)): \($0.offset)" }
  return "{\n" + lines.joined(separator: ",\n") + "\n    }"
}

private func tokenizerText(preTokenizer: String, decoder: String, model: String) -> [UInt8] {
  let text = """
    {
      "version": "1.0",
      "truncation": null,
      "padding": null,
      "added_tokens": [],
      "normalizer": null,
      "pre_tokenizer": \(preTokenizer),
      "post_processor": null,
      "decoder": \(decoder),
      "model": \(model)
    }
    """
  return Array(text.utf8)
}
