extension UserPool {
    /// Settings without an effect here yet, which are kept and shown as they came: of what the service model has.
    static let kept: [(name: String, shape: Shape)] = [
        ("EmailVerificationMessage", .text(.email)),
        ("EmailVerificationSubject", .text(.emailSubject)),
        ("SmsVerificationMessage", .text(.sms)),
        ("SmsAuthenticationMessage", .text(.sms)),
        (
            "VerificationMessageTemplate",
            .structure([
                "SmsMessage": .text(.sms), "EmailMessage": .text(.email), "EmailSubject": .text(.emailSubject),
                "EmailMessageByLink": .text(.emailWithLink), "EmailSubjectByLink": .text(.emailSubject),
                "DefaultEmailOption": .choice(["CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE"]),
            ])
        ),
        (
            "UserAttributeUpdateSettings",
            .structure(["AttributesRequireVerificationBeforeUpdate": .list(.choice(["phone_number", "email"]), count: 0...2)])
        ),
        (
            "EmailConfiguration",
            .structure([
                "SourceArn": .text(.arn), "ReplyToEmailAddress": .text(TextRule(0...131_072, .email)),
                "EmailSendingAccount": .choice(["COGNITO_DEFAULT", "DEVELOPER"]), "From": .text(.any),
                "ConfigurationSet": .text(TextRule(1...64, .configurationSet)),
            ])
        ),
        (
            "SmsConfiguration",
            .structure([
                "SnsCallerArn": .text(.arnOrNone), "ExternalId": .text(.any), "SnsRegion": .text(TextRule(5...32)),
                "EumsSms": .structure(
                    [
                        "CallerArn": .text(.arn), "ExternalId": .text(.any), "OriginationIdentity": .text(.any), "ConfigurationSetName": .text(.any),
                        "InEntityId": .text(.any), "InTemplateId": .text(.any), "Region": .text(TextRule(5...32)),
                    ], required: ["CallerArn"]),
            ])
        ),
        ("UserPoolAddOns", .structure(["AdvancedSecurityMode": .choice(["OFF", "AUDIT", "ENFORCED"])], required: ["AdvancedSecurityMode"])),
        ("UserPoolTags", .map(key: TextRule(1...128), value: TextRule(0...256))),
        (
            "AdminCreateUserConfig",
            .structure([
                "AllowAdminCreateUserOnly": .flag, "UnusedAccountValidityDays": .integer(0...365),
                "InviteMessageTemplate": .structure([
                    "SMSMessage": .text(TextRule(6...140)), "EmailMessage": .text(TextRule(6...20_000, .sentence)),
                    "EmailSubject": .text(.emailSubject),
                ]),
            ])
        ),
        (
            "AccountRecoverySetting",
            .structure([
                "RecoveryMechanisms": .list(
                    .structure(
                        ["Priority": .integer(1...2), "Name": .choice(["verified_email", "verified_phone_number", "admin_only"])],
                        required: ["Priority", "Name"]), count: 1...2)
            ])
        ),
    ]

    /// Kept in the same way, beside the password policy.
    static let signInPolicy = Shape.structure([
        "AllowedFirstAuthFactors": .list(.choice(["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN"]), count: 1...5)
    ])
}
