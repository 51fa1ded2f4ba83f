import ReelVision

extension LayerTable {
  /// The rows for a person to read, totals below them.
  public var text: String {
    var table = TextTable([
      ("layer", .left), ("kind", .left), ("output", .right), ("kernel", .right),
      ("stride", .right), ("padding", .right), ("parameters", .right), ("multiply-adds", .right),
      ("receptive field", .right),
    ])
    for row in rows {
      table.add([
        row.name + (row.isAuxiliary ? " *" : ""), row.kind, Self.sizes(row.output),
        row.kernel.map(Self.sizes) ?? "", row.stride.map(Self.sizes) ?? "",
        row.padding.map(Self.sizes) ?? "", row.parameters > 0 ? row.parameters.grouped : "",
        row.multiplyAdds > 0 ? row.multiplyAdds.grouped : "", Self.sizes(row.receptiveField),
      ])
    }
    table.addRule()
    table.add([
      "total", "", "", "", "", "", parameters.grouped, multiplyAdds.grouped, "",
    ])
    var text = table.text
    if auxiliaryParameters > 0 {
      text +=
        "\n* \(auxiliaryParameters.grouped) of the parameters are those of auxiliary classifiers, which "
        + "only training looks at;\n  \((parameters - auxiliaryParameters).grouped) are left. Their "
        + "multiply-adds are not in the total.\n"
    }
    return text
  }

  private static func sizes(_ sizes: [Int]) -> String {
    sizes.map(String.init).joined(separator: "×")
  }
}

extension Int {
  /// 1234567 → 1,234,567
  fileprivate var grouped: String {
    let digits = Array(String(magnitude))
    var result = self < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }
}
