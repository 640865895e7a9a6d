internal import Transport

extension ClientError {
    init(connecting error: TransportError) {
        self =
            switch error {
            case .deadline: .timeout
            case .refused: .connect(.refused)
            case .unknownHost: .connect(.unknownHost)
            case .encryption(let reason): .connect(.encryption(reason))
            default: .connect(.other)
            }
    }

    /// An error on a connection that stood.
    init(_ error: TransportError) {
        self =
            switch error {
            case .deadline: .timeout
            case .cancelled: .cancelled
            // The stream isn't ours alone: the request's body failed and left it.
            case .busy: .requestBody
            default: .closed
            }
    }
}
