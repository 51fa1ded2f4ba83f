import COpenBLAS
import Foundation

/// OpenBLAS, set up once: single-threaded inside (Reel divides the work itself), and with the
/// kernels that fit the processor.
enum OpenBLAS {
  /// The name of the kernels OpenBLAS uses, for example `SkylakeX`.
  static let core: String = {
    useWideKernels()
    openblas_set_num_threads(1)
    return String(cString: openblas_get_corename())
  }()

  /// A version of OpenBLAS older than the processor does not know it and falls back to kernels
  /// with half the vector width. The choice is made when the library loads, from the variable
  /// OPENBLAS_CORETYPE; two exported functions make it again. A user's own setting stays.
  private static func useWideKernels() {
    guard Processor.hasWideVectors, getenv("OPENBLAS_CORETYPE") == nil else { return }
    let narrow = ["Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott", "Core2"]
    guard narrow.contains(String(cString: openblas_get_corename())) else { return }
    typealias Function = @convention(c) () -> Void
    guard let library = dlopen(nil, RTLD_NOW),
      let quit = dlsym(library, "gotoblas_dynamic_quit"),
      let start = dlsym(library, "gotoblas_dynamic_init")
    else { return }
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
    unsafeBitCast(quit, to: Function.self)()
    unsafeBitCast(start, to: Function.self)()
    unsetenv("OPENBLAS_CORETYPE")
  }

  /// C (m×n) = or += op(A)·op(B), on the calling thread. op(A) is m×k, op(B) is k×n; a transposed
  /// operand is stored the other way round. Leading dimensions in floats.
  static func multiply(
    _ m: Int, _ n: Int, _ k: Int,
    _ a: UnsafePointer<Float>, _ lda: Int, transposeA: Bool,
    _ b: UnsafePointer<Float>, _ ldb: Int, transposeB: Bool,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int, accumulate: Bool
  ) {
    _ = core
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb),
      accumulate ? 1 : 0, c, blasint(ldc))
  }
}
