/// The operations that the service's model has and this service does not serve: each is refused by its name.
extension Operation {
    static let known: Set<String> = [
        "AddCustomAttributes", "AddUserPoolClientSecret", "AdminConfirmSignUp", "AdminDeleteUserAttributes",
        "AdminDisableProviderForUser", "AdminForgetDevice", "AdminGetDevice",
        "AdminLinkProviderForUser", "AdminListDevices", "AdminListUserAuthEvents", "AdminResetUserPassword", "AdminSetUserMFAPreference",
        "AdminSetUserSettings", "AdminUpdateAuthEventFeedback", "AdminUpdateDeviceStatus", "AdminUpdateUserAttributes",
        "AdminUserGlobalSignOut", "AssociateSoftwareToken", "ChangePassword", "CompleteWebAuthnRegistration", "ConfirmDevice",
        "ConfirmForgotPassword", "ConfirmSignUp", "CreateIdentityProvider", "CreateManagedLoginBranding", "CreateResourceServer",
        "CreateTerms", "CreateUserImportJob", "CreateUserPoolDomain", "DeleteIdentityProvider",
        "DeleteManagedLoginBranding", "DeleteResourceServer", "DeleteTerms", "DeleteUserAttributes",
        "DeleteUserPoolClientSecret", "DeleteUserPoolDomain", "DeleteWebAuthnCredential",
        "DescribeIdentityProvider", "DescribeManagedLoginBranding", "DescribeManagedLoginBrandingByClient", "DescribeResourceServer",
        "DescribeRiskConfiguration", "DescribeTerms", "DescribeUserImportJob", "DescribeUserPoolDomain", "ForgetDevice", "ForgotPassword",
        "GetCSVHeader", "GetDevice", "GetIdentityProviderByIdentifier", "GetLogDeliveryConfiguration", "GetSigningCertificate",
        "GetTokensFromRefreshToken", "GetUICustomization", "GetUserAttributeVerificationCode", "GetUserAuthFactors",
        "GetUserPoolMfaConfig", "GlobalSignOut", "ListDevices", "ListIdentityProviders", "ListResourceServers", "ListTagsForResource",
        "ListTerms", "ListUserImportJobs", "ListUserPoolClientSecrets", "ListWebAuthnCredentials", "ResendConfirmationCode",
        "RevokeToken", "SetLogDeliveryConfiguration", "SetRiskConfiguration", "SetUICustomization", "SetUserMFAPreference",
        "SetUserPoolMfaConfig", "SetUserSettings", "SignUp", "StartUserImportJob", "StartWebAuthnRegistration", "StopUserImportJob",
        "TagResource", "UntagResource", "UpdateAuthEventFeedback", "UpdateDeviceStatus", "UpdateGroup", "UpdateIdentityProvider",
        "UpdateManagedLoginBranding", "UpdateResourceServer", "UpdateTerms", "UpdateUserAttributes",
        "UpdateUserPoolClient", "UpdateUserPoolDomain", "VerifySoftwareToken", "VerifyUserAttribute",
    ]
}
