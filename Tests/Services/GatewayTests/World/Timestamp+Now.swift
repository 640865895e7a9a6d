import Bootstrap
import Encodings

extension Timestamp {
    static var now: Timestamp { WallClock.system.now() }
}
