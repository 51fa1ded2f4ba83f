public enum Activation: Sendable, Codable, Hashable {
  case relu, leakyReLU(slope: Float), tanh, scaledTanh, sigmoid, elu(alpha: Float), gelu, geluTanh, silu, identity
}
