/// Where a connection stands in the body of the request it is serving.
struct IncomingBody {
    var decoder: BodyDecoder
    /// The client waits for a `100 Continue` before it sends.
    var owesContinue: Bool
    var received = 0
    /// What it is held in, and took from.
    var budget: BodyBudget?
    var taken = 0
    /// On the loop's clock; 0 until the first wait.
    var startedAt: UInt64 = 0
    var trailers: Headers?
    /// The framing is lost, so is the connection.
    var isBroken = false
    /// What a body of known length has, at the start.
    let length: Int?

    init(_ framing: Framing, limits: HeadLimits, expectsContinue: Bool = false) {
        let decoder = BodyDecoder(framing, limits: limits)
        length = decoder.remaining
        owesContinue = expectsContinue && !decoder.isDone
        self.decoder = decoder
    }

    var isDone: Bool { decoder.isDone }
}
