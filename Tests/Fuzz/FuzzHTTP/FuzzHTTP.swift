import FuzzSupport
import HTTP

/// The first byte says in which pieces the rest arrives. Nothing may trap, and what is read, as requests and as responses, may
/// not depend on the pieces.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe fuzzInput(start, count)
    guard let first = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let size = Int(first % 13) + 1
    let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    guard Reading.ofRequests([bytes]) == Reading.ofRequests(pieces) else { fatalError("the reading depends on how a request arrives") }
    guard Reading.ofResponses([bytes]) == Reading.ofResponses(pieces) else { fatalError("the reading depends on how a response arrives") }
    return 0
}

@_cdecl("FuzzHTTP_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
