internal import HTTP2Frames

/// One stream of a connection: a request that comes in and a response that goes out. Only its connection touches it.
final class Exchange {
    let id: Int32
    let isHead: Bool
    var task: Task<Void, Never>?
    /// When the handler's patience ends, on the loop's clock.
    var handlerDeadline: UInt64

    // The request's body.
    var pieces: [[UInt8]] = []
    /// Bytes that nobody has read yet.
    var waiting = 0
    var received = 0
    /// What it is held in, and took from.
    var budget: BodyBudget?
    var taken = 0
    let length: Int?
    var owesContinue: Bool
    var isEnded: Bool
    var trailers: Headers?
    /// Why no more can be read.
    var failure: HTTPError?
    var reader: CheckedContinuation<Void, Never>?
    /// When waiting for the body began; 0 until the first wait.
    var bodyStartedAt: UInt64 = 0
    var bodyDeadline: UInt64 = 0

    // The response.
    var isAnswered = false
    var outgoing: OutgoingData?
    /// What an announced length leaves to be written; nil where none was announced.
    var unwritten: Int?
    var writer: CheckedContinuation<Void, Never>?
    /// When the client must have taken something more.
    var writeDeadline: UInt64 = 0
    /// How much it had taken at the last look.
    var sentAtTick = 0
    /// Until when the rest of a request that was answered early is heard out; 0 while none is. How much of it has been dropped.
    var lingersUntil: UInt64 = 0
    var dropped = 0
    /// The client is gone, or has reset the stream.
    var isGone = false

    init(id: Int32, _ head: borrowing RequestHead, isWhole: Bool, handlerDeadline: UInt64) {
        self.id = id
        isHead = head.method == .head
        isEnded = isWhole
        self.handlerDeadline = handlerDeadline
        if case .length(let length) = head.framing { self.length = length } else { length = nil }
        owesContinue = head.expectsContinue && !isWhole
    }

    /// Of a request that can't be read.
    init(id: Int32, isWhole: Bool) {
        self.id = id
        isHead = false
        isEnded = isWhole
        handlerDeadline = 0
        length = nil
        owesContinue = false
    }

    func wakeReader() {
        guard let waiting = reader else { return }
        reader = nil
        waiting.resume()
    }

    func wakeWriter() {
        guard let waiting = writer else { return }
        writer = nil
        waiting.resume()
    }
}
