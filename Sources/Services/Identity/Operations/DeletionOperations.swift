import Contracts
import Encodings
import JSON

/// AdminDeleteUser, DeleteUser, AdminDisableUser, AdminEnableUser, DeleteUserPool: what ends a user or a tenant, in this service and in all that hold data of
/// theirs.
extension IdentityAPI {
    func adminDeleteUser(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        try input.check()
        let user = try await user(username, in: try await pool(poolID))
        try await erasures.erase(user.subject, of: poolID, call, by: call.caller.principal ?? "")
        return [:]
    }

    /// By the user's own access token.
    func deleteUser(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let token = try input.text("AccessToken", .token)
        try input.check()
        let owner = try await owner(ofAccessToken: token, call)
        try await erasures.erase(owner.user.subject, of: owner.client.poolID, call, by: "")
        return [:]
    }

    /// A disabled user keeps everything, and signs in and refreshes no more.
    func setEnabled(_ input: inout Input, _ call: APICall, _ isEnabled: Bool) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        let username = try input.text("Username", .username)
        try input.check()
        let user = try await user(username, in: try await pool(poolID))
        try await files.with(poolID) { try $0.setEnabled(isEnabled, user.id, at: call.now) }
        return [:]
    }

    func deleteUserPool(_ input: inout Input, _ call: APICall) async throws -> JSONObject {
        let poolID = try input.text("UserPoolId", .poolID)
        try input.check()
        _ = try await pool(poolID)
        try await erasures.delete(poolID, call, by: call.caller.principal ?? "")
        return [:]
    }
}
