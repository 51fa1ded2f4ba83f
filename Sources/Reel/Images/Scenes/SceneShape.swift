import Foundation

/// A thing that is drawn in synthetic scenes.
public enum SceneShape: String, Codable, Sendable, CaseIterable {
  case circle, square, triangle, cross, ring

  /// Whether a point lies in it; the shape reaches from −1 to 1.
  func contains(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .circle: return x * x + y * y <= 1
    // Smaller than its bounds, so that it may turn in them as the others.
    case .square: return max(abs(x), abs(y)) <= 0.8
    case .triangle:
      // Equilateral, in the unit circle, with a corner at the top (y points down).
      return y <= 0.5 && 3.0.squareRoot() * abs(x) <= y + 1
    case .cross: return max(abs(x), abs(y)) <= 0.95 && min(abs(x), abs(y)) <= 0.32
    case .ring: return 0.5...1 ~= (x * x + y * y).squareRoot()
    }
  }
}
