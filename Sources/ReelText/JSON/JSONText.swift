/// A string as JSON writes it, in quotes. Everything but quotes, backslashes and control characters
/// stands for itself.
func jsonQuoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{08}": result += "\\b"
    case "\u{0C}": result += "\\f"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{00}"..<"\u{20}": result += "\\u00" + hexadecimal(UInt8(scalar.value))
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
