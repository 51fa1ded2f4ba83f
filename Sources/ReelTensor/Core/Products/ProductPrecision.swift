import CReelKernels

/// How exact large matrix products and convolutions have to be, in the words of PyTorch's
/// `set_float32_matmul_precision`.
///
/// A permission, not an order: less than `.highest` saves time where the processor adds up products of
/// bfloat16 numbers in float. On a matrix unit (`Processor.instructionSet` is `amx`) `.high` and
/// `.medium` do; on vectors (`avx512bf16`) `.medium` does, but for convolutions that go Winograd's way.
/// Elsewhere neither changes anything. Weights of 8 bits have a rule of their own: see `WeightFormat.int8`.
///
/// ```swift
/// let tags = ProductPrecision.with(.medium) { tagger.tag(sentences) }
/// ```
public enum ProductPrecision: String, CaseIterable, Codable, Sendable {
  /// Float's 24 bits: each operand as the sum of three bfloat16 numbers, six products. As exact as a
  /// chain of multiply-adds.
  case highest
  /// 16 bits of each operand, two bfloat16 numbers, three products: an error below 2⁻¹⁵ of each
  /// product.
  case high
  /// 8 bits of each operand, one bfloat16 number, one product: an error below 2⁻⁷ of each product. Where
  /// weights of 8 bits meet rows in integers, 8 bits of a row's largest magnitude.
  case medium

  @TaskLocal private static var asked = ProductPrecision.highest

  /// What products use here: the innermost `with`, or `.highest`.
  public static var current: ProductPrecision { asked }

  /// Runs `body` with products at least as exact as `precision`.
  public static func with<R>(_ precision: ProductPrecision, _ body: () throws -> R) rethrows -> R {
    try $asked.withValue(precision, operation: body)
  }

  /// The place of its products in the table of them.
  var index: Int {
    switch self {
    case .highest: Int(REEL_HIGHEST_PRECISION)
    case .high: Int(REEL_HIGH_PRECISION)
    case .medium: Int(REEL_MEDIUM_PRECISION)
    }
  }
}
