/// The operations that the service's model has and this service does not serve: each is refused by its name.
extension Operation {
    static let known: Set<String> = [
        "AddCustomAttributes", "AddUserPoolClientSecret", "AdminConfirmSignUp", "AdminDeleteSoftwareToken", "AdminDeleteUserAttributes",
        "AdminDisableProviderForUser", "AdminForgetDevice", "AdminGetDevice", "AdminGetUserAuthFactors", "AdminLinkProviderForUser",
        "AdminListDevices", "AdminListUserAuthEvents", "AdminListUserSessions", "AdminResetUserPassword", "AdminRevokeUserSession",
        "AdminSetUserMFAPreference", "AdminSetUserSettings", "AdminUpdateAuthEventFeedback", "AdminUpdateDeviceStatus", "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut", "AssociateSoftwareToken", "ChangePassword", "CompleteWebAuthnRegistration", "ConfirmDevice",
        "ConfirmForgotPassword", "ConfirmSignUp", "CreateIdentityProvider", "CreateManagedLoginBranding", "CreateResourceServer", "CreateTerms",
        "CreateUserImportJob", "CreateUserPoolDomain", "CreateUserPoolReplica", "DeleteIdentityProvider", "DeleteManagedLoginBranding",
        "DeleteResourceServer", "DeleteTerms", "DeleteUserAttributes", "DeleteUserPoolClientSecret", "DeleteUserPoolDomain", "DeleteUserPoolReplica",
        "DeleteWebAuthnCredential", "DescribeIdentityProvider", "DescribeManagedLoginBranding", "DescribeManagedLoginBrandingByClient",
        "DescribeResourceServer", "DescribeRiskConfiguration", "DescribeTerms", "DescribeTermsByClient", "DescribeUserImportJob",
        "DescribeUserPoolDomain", "ForgetDevice", "ForgotPassword", "GetCSVHeader", "GetClientToken", "GetDerivedToken", "GetDevice",
        "GetIdentityProviderByIdentifier", "GetLogDeliveryConfiguration", "GetProvisionedLimit", "GetSigningCertificate", "GetTokensFromRefreshToken",
        "GetUICustomization", "GetUserAttributeVerificationCode", "GetUserAuthFactors", "GetUserPoolClientSessionConfiguration",
        "GetUserPoolMfaConfig", "GetUserPoolSessionConfiguration", "GlobalSignOut", "ListDevices", "ListIdentityProviders", "ListResourceServers",
        "ListTagsForResource", "ListTerms", "ListUserImportJobs", "ListUserPoolClientSecrets", "ListUserPoolReplicas", "ListUserSessions",
        "ListWebAuthnCredentials", "ResendConfirmationCode", "RevokeToken", "RevokeUserSession", "SetLogDeliveryConfiguration",
        "SetRiskConfiguration", "SetUICustomization", "SetUserMFAPreference", "SetUserPoolClientSessionConfiguration", "SetUserPoolMfaConfig",
        "SetUserPoolSessionConfiguration", "SetUserSettings", "SignUp", "StartUserImportJob", "StartWebAuthnRegistration", "StopUserImportJob",
        "TagResource", "UntagResource", "UpdateAuthEventFeedback", "UpdateDeviceStatus", "UpdateGroup", "UpdateIdentityProvider",
        "UpdateManagedLoginBranding", "UpdateProvisionedLimit", "UpdateResourceServer", "UpdateTerms", "UpdateUserAttributes", "UpdateUserPoolClient",
        "UpdateUserPoolDomain", "UpdateUserPoolReplica", "VerifySoftwareToken", "VerifyUserAttribute",
    ]
}
