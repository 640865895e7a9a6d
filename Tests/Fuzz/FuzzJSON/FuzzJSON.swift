import FuzzSupport
import JSON

/// Whatever is accepted is written and read again as the same value; whatever is refused is refused inside the text.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    do throws(JSONError) {
        let value = try JSON.parse(bytes)
        guard let again = try? JSON.parse(JSON.encode(value)), again == value else { fatalError("not the same when written: \(bytes)") }
    } catch {
        precondition(error.offset <= count && error.line >= 1 && error.column >= 1)
    }
    return 0
}

@_cdecl("FuzzJSON_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
