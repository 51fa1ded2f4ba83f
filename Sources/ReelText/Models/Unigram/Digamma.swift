import Glibc

/// The digamma function ψ(x) = d/dx ln Γ(x), of a positive number.
///
/// ψ(x) = ψ(x + 1) − 1/x up to where the asymptotic series ln x − 1/(2x) − Σ B₂ₖ / (2k·x²ᵏ) is
/// exact to double precision (Abramowitz and Stegun, 6.3.5 and 6.3.18).
package func digamma(_ argument: Double) -> Double {
  precondition(argument > 0, "digamma of \(argument), expected a number above 0")
  var x = argument
  var result = 0.0
  while x < 10 {
    result -= 1 / x
    x += 1
  }
  let square = 1 / (x * x)
  var series = 1.0 / 12
  series = 691.0 / 32760 - square * series
  series = 1.0 / 132 - square * series
  series = 1.0 / 240 - square * series
  series = 1.0 / 252 - square * series
  series = 1.0 / 120 - square * series
  series = 1.0 / 12 - square * series
  return result + log(x) - 0.5 / x - square * series
}
