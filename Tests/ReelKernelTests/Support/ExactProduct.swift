/// A·B in Double, each element begun from `start` of its row and column; `transposed`: b holds n rows of k.
func exactProduct(
  _ m: Int, _ n: Int, _ k: Int, _ a: [Float], _ lda: Int, _ b: [Float], _ ldb: Int,
  transposed: Bool, from start: (Int, Int) -> Float
) -> [Double] {
  var exact: [Double] = []
  for i in 0..<m {
    for j in 0..<n {
      exact.append(
        (0..<k).reduce(Double(start(i, j))) {
          $0 + Double(a[i * lda + $1]) * Double(transposed ? b[j * ldb + $1] : b[$1 * ldb + j])
        })
    }
  }
  return exact
}
