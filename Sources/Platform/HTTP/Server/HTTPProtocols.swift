/// What the server speaks on an encrypted connection, by the names of ALPN (RFC 7301 §6), the one we like best first.
public enum HTTPProtocols {
    public static let http1 = "http/1.1"
    public static let http2 = "h2"
    public static let offered = [http2, http1]
}
