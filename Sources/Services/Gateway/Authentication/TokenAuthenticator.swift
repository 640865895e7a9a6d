import Bootstrap
import Bytes
import Crypto
import Encodings
import Observability
import Tokens
import Trust

/// Verifies the tokens of this cluster's user pools.
final class TokenAuthenticator: Sendable {
    /// What every issuer of this cluster begins with, up to the pool's id and up to what follows the region in it.
    private let issuerPrefix: [UInt8]
    private let poolPrefix: [UInt8]
    private let keys: JWKSClient
    private let cache: TokenCache<VerifiedToken>
    private let allowances: Allowances
    private let headers = HeaderCache(capacity: 1_024)
    private let now: @Sendable () -> Timestamp
    private let monotonic: @Sendable () -> Int64
    private let hits: Counter
    private let misses: Counter

    /// - Parameters:
    ///   - monotonic: milliseconds of the clock that `keys` goes by.
    init(
        cluster: Cluster, keys: JWKSClient, capacity: Int, allowances: Allowances, metrics: MetricsRegistry, now: @escaping @Sendable () -> Timestamp,
        monotonic: @escaping @Sendable () -> Int64
    ) {
        issuerPrefix = Array((cluster.publicURL + "/").utf8)
        poolPrefix = issuerPrefix + Array((cluster.name + "_").utf8)
        self.keys = keys
        self.allowances = allowances
        cache = TokenCache(capacity: capacity)
        self.now = now
        self.monotonic = monotonic
        hits = metrics.counter("strongroom_gateway_token_cache_hits_total", help: "Tokens that had been verified before.")
        misses = metrics.counter("strongroom_gateway_token_cache_misses_total", help: "Tokens that had to be verified.")
    }

    /// The token, if it was verified before and still stands: nothing to wait for.
    func seen(_ digest: SHA256Digest, at now: Timestamp) throws(GatewayError) -> VerifiedToken? {
        guard let token = cache.value(for: digest) else { return nil }
        guard now < token.expiresAt else {
            cache.remove(digest)
            throw .tokenExpired
        }
        guard token.keys.isCurrent(epoch: token.keyEpoch, now: monotonic()) else { return nil }
        hits.increment()
        return token
    }

    /// Verifies a token: keys fetched if need be, then signature, then claims.
    func verify(_ token: [UInt8], digest: SHA256Digest) async throws(GatewayError) -> VerifiedToken {
        if let held = cache.value(for: digest), let again = try await stillStanding(held, digest) { return again }
        misses.increment()
        let jws: JWS
        var known: JOSEHeader?
        do throws(TokenError) {
            jws = try JWS(parsing: token.span) { text in
                known = headers.header(text)
                return known
            }
        } catch { throw .unauthorized }
        guard let claimed = jws.claimedIssuer, let pool = pool(of: claimed) else { throw .unauthorized }
        let issuer = String(decoding: claimed, as: UTF8.self)
        let issuerKeys: IssuerKeys
        do throws(JWKSError) { issuerKeys = try await keys.keys(of: pool) } catch {
            throw error == .unknownIssuer ? .unauthorized : .authorizerFailure
        }
        var snapshot = issuerKeys.snapshot
        let claims: TokenClaims
        do throws(TokenError) {
            claims = try snapshot.keys.verify(jws, expecting: TokenExpectations(issuer: issuer), at: now())
        } catch .unknownKey {
            guard let newer = await keys.newerKeys(of: issuerKeys, than: snapshot.epoch) else { throw .unauthorized }
            snapshot = newer
            do throws(TokenError) {
                claims = try newer.keys.verify(jws, expecting: TokenExpectations(issuer: issuer), at: now())
            } catch { throw Self.answer(to: error) }
        } catch { throw Self.answer(to: error) }
        guard let verified = VerifiedToken(claims, pool: pool, keys: issuerKeys, keyEpoch: snapshot.epoch, allowances: allowances) else {
            throw .unauthorized
        }
        cache.insert(verified, for: digest)
        if known == nil { headers.insert(jws.header, for: token.span.extracting(..<jws.headerLength)) }
        return verified
    }

    /// A refresh of the keys was due; if it changed nothing, what was verified stands.
    private func stillStanding(_ token: VerifiedToken, _ digest: SHA256Digest) async throws(GatewayError) -> VerifiedToken? {
        let current: IssuerKeys
        do throws(JWKSError) { current = try await keys.keys(of: token.pool) } catch {
            throw error == .unknownIssuer ? .unauthorized : .authorizerFailure
        }
        guard current === token.keys, current.snapshot.epoch == token.keyEpoch else {
            cache.remove(digest)
            return nil
        }
        guard now() < token.expiresAt else { throw .tokenExpired }
        hits.increment()
        return token
    }

    /// Only a token that is good but for its age is told so.
    private static func answer(to error: TokenError) -> GatewayError {
        error == .expired ? .tokenExpired : .unauthorized
    }

    /// The pool of an issuer of this cluster: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters, in this region. What can't be a pool is
    /// never asked for.
    private func pool(of issuer: [UInt8]) -> String? {
        guard issuer.count > poolPrefix.count, issuer.count - issuerPrefix.count <= 55, issuer.starts(with: poolPrefix) else { return nil }
        guard issuer[poolPrefix.count...].allSatisfy(\.isAlphanumeric) else { return nil }
        return String(decoding: issuer[issuerPrefix.count...], as: UTF8.self)
    }
}
