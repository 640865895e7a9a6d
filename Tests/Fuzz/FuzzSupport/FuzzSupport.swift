/// What all fuzzers share: libFuzzer calls the check with one input after the other, and learns from which code each one reaches.
public typealias FuzzCheck = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer's own loop (`FuzzerInterface.h`); it returns when it has run for as long as its arguments say.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argc: UnsafeMutablePointer<CInt>, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ check: FuzzCheck
) -> CInt

/// To be called by a fuzzer's entry point, `NAME_main`, which is what the package manager names the `main` of an executable.
public func runFuzzer(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ check: FuzzCheck) -> CInt {
    var argc = argc
    var argv = unsafe argv
    return unsafe runDriver(&argc, &argv, check)
}

/// The input as an array. libFuzzer lends `count` bytes at `start` for the time of the call.
public func fuzzInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: start, count: count))
}
