/// How attention scores a query q against a key of the memory m.
public enum AttentionKind: String, Sendable, Codable, CaseIterable {
  /// qᵀ·m (Luong et al. 2015); query and memory have one size.
  case dot
  /// qᵀ·W·m (Luong et al. 2015).
  case general
  /// vᵀ·tanh(W_q·q + W_m·m) (Bahdanau et al. 2015).
  case additive
}
