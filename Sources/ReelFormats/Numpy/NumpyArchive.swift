/// NumPy's `.npz` archives: a zip file with one `.npy` file for each array, as `numpy.savez` and
/// `numpy.savez_compressed` write them and `numpy.load` reads them.
///
/// Reel writes Float arrays, row-major and not compressed: the very bytes that `numpy.savez`
/// writes. It reads `.npy` versions 1.0 to 3.0 with floats of 16, 32 and 64 bits, integers of 8 to
/// 64 bits and bool, of either byte order, row-major or Fortran order, stored or deflated; each
/// number becomes the nearest Float (integers beyond 2^24 and 64-bit floats are rounded).
public enum NumpyArchive {
  static let suffix = ".npy"
}
