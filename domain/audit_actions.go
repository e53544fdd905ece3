package domain

// Actions of the audit, by what they are about. The strings are stored, filtered by and exported; each has its words in
// the console.
const (
	ActionAccessRefused = "access.refused"

	ActionAlertUnknownCodes = "alert.unknown_codes"
	ActionAlertRefusals     = "alert.refusals"     // far more refusals in an hour than usual
	ActionAlertLeakedCodes  = "alert.leaked_codes" // personal codes were tried by others

	ActionAuditKeyChanged = "audit.key_changed"

	ActionBooksRepaired = "books.repaired"
	ActionBooksRestored = "books.restored" // made again from what stands outside

	ActionBulkMade  = "bulk.made"
	ActionBulkMoved = "bulk.moved"

	ActionBatchMade  = "batch.made"
	ActionBatchMoved = "batch.moved"

	ActionCampaignCodeAdded       = "campaign_code.added"
	ActionCampaignCodeDeactivated = "campaign_code.deactivated"

	ActionCampaignDiscountMade    = "campaign_discount.made"
	ActionCampaignDiscountMoved   = "campaign_discount.moved"
	ActionCampaignDiscountRemoved = "campaign_discount.removed"

	ActionCampaignMade      = "campaign.made"
	ActionCampaignMoved     = "campaign.moved"
	ActionCampaignProtected = "campaign.protected"
	ActionCampaignRenamed   = "campaign.renamed"

	ActionCancellationRefused = "cancellation.refused"
	ActionCancellationStarted = "cancellation.started"

	ActionConversionFailed  = "conversion.failed"
	ActionConversionRefused = "conversion.refused"
	ActionConversionStarted = "conversion.started"

	ActionCouponActivated = "coupon.activated"
	ActionCouponCancelled = "coupon.cancelled"
	ActionCouponExpired   = "coupon.expired"
	ActionCouponSuspended = "coupon.suspended"
	ActionCouponUsed      = "coupon.used"

	ActionCustomerErased     = "customer.erased"
	ActionCustomerLinked     = "customer.linked"
	ActionCustomerLocked     = "customer.locked"
	ActionCustomerMerged     = "customer.merged"
	ActionCustomerNoted      = "customer.noted"
	ActionCustomerRefused    = "customer.refused"
	ActionCustomerRenumbered = "customer.renumbered"
	ActionCustomerUnlinked   = "customer.unlinked"
	ActionCustomerUnlocked   = "customer.unlocked"
	ActionCustomerUpdated    = "customer.updated"

	ActionDecisionJudged  = "decision.judged"
	ActionDecisionRefused = "decision.refused"

	ActionDiscountChanged     = "discount.changed"
	ActionDiscountDeactivated = "discount.deactivated"
	ActionDiscountDeleted     = "discount.deleted"
	ActionDiscountEndLost     = "discount.end_lost"
	ActionDiscountRefused     = "discount.refused"
	ActionDiscountRemoved     = "discount.removed"
	ActionDiscountRevived     = "discount.revived"

	ActionErasureAnnounced = "erasure.announced"
	ActionErasureApproved  = "erasure.approved"
	ActionErasureStopped   = "erasure.stopped"
	ActionErasureWithdrawn = "erasure.withdrawn"

	ActionEventEndpointAdded   = "event_endpoint.added"
	ActionEventEndpointChanged = "event_endpoint.changed"
	ActionEventEndpointRemoved = "event_endpoint.removed"
	ActionEventSecretRotated   = "event_endpoint.secret_rotated"
	ActionEventsReplayed       = "events.replayed"

	ActionIdentityLinkAllowed = "identity.link_allowed"
	ActionIdentityLinked      = "identity.linked"
	ActionIdentityRefused     = "identity.refused"
	ActionIdentityResumed     = "identity.resumed"
	ActionIdentityRoleChanged = "identity.role_changed"
	ActionIdentitySuspended   = "identity.suspended"

	ActionIssueFailed  = "issue.failed"
	ActionIssueRefused = "issue.refused"
	ActionIssueStarted = "issue.started"

	ActionKeyCreated = "key.created"
	ActionKeyRevoked = "key.revoked"

	ActionMailAgain = "mail.sent_again"
	ActionMailTried = "mail.tried" // with sample data, to whoever asked

	ActionMovementParked = "movement.parked"

	ActionOrderCodeLost   = "order.code_lost"
	ActionOrderDeleted    = "order.deleted"
	ActionOrderNamesCode  = "order.names_code"
	ActionOrderSecondUse  = "order.second_use"
	ActionOrderSeen       = "order.seen"
	ActionOrderTest       = "order.test"
	ActionOrderTooMany    = "order.too_many_coupons"
	ActionOrderUnpaid     = "order.unpaid"
	ActionOrderUnreadable = "order.unreadable"
	ActionOrderVoided     = "order.voided"

	ActionPointsGivenBack       = "points.given_back"
	ActionPointsGrantRefused    = "points.grant_refused"
	ActionPointsGranted         = "points.granted"
	ActionPointsTakeBackRefused = "points.take_back_refused"
	ActionPointsTaken           = "points.taken"
	ActionPointsTakenBack       = "points.taken_back"

	ActionPolicyChanged  = "policy.changed"
	ActionPolicyRecorded = "policy.recorded"

	ActionRefundRefused = "refund.refused"
	ActionRefundStarted = "refund.started"

	ActionReissueFailed  = "reissue.failed"
	ActionReissueStarted = "reissue.started"

	ActionReminderDue = "reminder.due"

	ActionReviewAuto     = "review.auto"
	ActionReviewDecided  = "review.decided"
	ActionReviewProposed = "review.proposed"

	ActionRequestApproved  = "request.approved"
	ActionRequestLapsed    = "request.lapsed"
	ActionRequestOpened    = "request.opened"
	ActionRequestRefused   = "request.declined"
	ActionRequestWithdrawn = "request.withdrawn"

	ActionRightsChanged = "rights.changed"

	ActionSessionAllEnded            = "session.all_ended"
	ActionSessionByProvider          = "session.by_provider"
	ActionSessionConfirmationRefused = "session.confirmation_refused"
	ActionSessionConfirmed           = "session.confirmed"
	ActionSessionEnded               = "session.ended"
	ActionSessionHalfWay             = "session.half_way"
	ActionSessionOpened              = "session.opened"
	ActionSessionOthersEnded         = "session.others_ended"
	ActionSessionRefused             = "session.refused"
	ActionSessionSecondFactorRefused = "session.second_factor_refused"

	ActionShopChanged           = "shop.changed"
	ActionShopInstalledAgain    = "shop.installed_again"
	ActionShopUninstallReported = "shop.uninstall_reported"
	ActionShopUninstalled       = "shop.uninstalled"

	ActionStaffAdded             = "staff.added"
	ActionStaffChanged           = "staff.changed"
	ActionStaffPasskeyAdded      = "staff.passkey_added"
	ActionStaffPasskeyRemoved    = "staff.passkey_removed"
	ActionStaffPasswordChanged   = "staff.password_changed"
	ActionStaffPasswordSet       = "staff.password_set"
	ActionStaffRecoveryRenewed   = "staff.recovery_renewed"
	ActionStaffSecondFactorReset = "staff.second_factor_reset"
	ActionStaffTOTPAdded         = "staff.totp_added"
	ActionStaffTOTPRemoved       = "staff.totp_removed"

	ActionSuspensionRefused = "suspension.refused"

	ActionTableExported = "table.exported"

	ActionTokenAdded   = "token.added"
	ActionTokenRefused = "token.refused"
	ActionTokenRevoked = "token.revoked"
)

// Actions that tell who looked at customers' data, or took it away. A customer who looks at their own leaves none of
// them.
const (
	ActionCustomerRead  = "customer.read"         // a member, or what they can spend
	ActionCouponsOfRead = "customer.coupons_read" // one member's coupons
	ActionCouponRead    = "coupon.read"
	ActionCouponsFound  = "coupons.searched"
	ActionMembersListed = "members.listed"
	ActionSearched      = "search.made" // the one box: members, coupons and orders
	ActionReviewRead    = "review.read"
	ActionReviewsFound  = "reviews.searched"
	ActionRequestsFound = "requests.searched"
	// An export is recorded when it begins and when it ends, with how much was sent.
	ActionAuditArchived      = "audit.archived"
	ActionAuditLossAccepted  = "audit.loss_accepted" // archived rows are nowhere any more, and somebody stands for it
	ActionAuditExportBegun   = "audit.export_begun"
	ActionAuditExported      = "audit.exported"
	ActionMembersExportBegun = "members.export_begun"
	ActionMembersExported    = "members.exported"
	ActionReportExported     = "report.exported"
	ActionPrivacyExported    = "privacy.exported"
	ActionBatchExported      = "batch.exported" // codes that anybody can use
	ActionCampaignTried      = "campaign.tried" // what would be decided about somebody
	ActionDecisionRead       = "decision.read"
	ActionDecisionsFound     = "decisions.searched"
	ActionIdentityPerson     = "identity.person_read"
	ActionIdentityScanned    = "identity.scanned"
	ActionDiscountsScanned   = "discounts.scanned" // the store's codes were looked through for vulnerable ones
)

// AuditActions lists all that there are.
func AuditActions() []string {
	return []string{
		ActionAccessRefused, ActionAlertLeakedCodes, ActionAlertRefusals, ActionAlertUnknownCodes, ActionAuditKeyChanged, ActionBooksRepaired, ActionBooksRestored,
		ActionCancellationRefused, ActionCancellationStarted, ActionConversionFailed, ActionConversionRefused,
		ActionConversionStarted, ActionCouponActivated, ActionCouponCancelled, ActionCouponExpired, ActionCouponSuspended, ActionCouponUsed,
		ActionCustomerErased, ActionCustomerLinked, ActionCustomerLocked, ActionCustomerMerged, ActionCustomerNoted,
		ActionCustomerRefused,
		ActionCustomerRenumbered, ActionCustomerUnlinked, ActionCustomerUnlocked, ActionCustomerUpdated, ActionDecisionRefused,
		ActionDiscountChanged, ActionDiscountDeactivated, ActionDiscountDeleted, ActionDiscountEndLost,
		ActionDiscountRefused, ActionDiscountRemoved, ActionDiscountRevived, ActionErasureAnnounced,
		ActionErasureApproved, ActionErasureStopped, ActionErasureWithdrawn, ActionIdentityLinkAllowed,
		ActionIdentityLinked, ActionIdentityRefused, ActionIdentityResumed, ActionIdentityRoleChanged,
		ActionIdentitySuspended, ActionIssueFailed, ActionIssueRefused, ActionIssueStarted, ActionKeyCreated, ActionKeyRevoked, ActionMailAgain, ActionMailTried, ActionMovementParked, ActionOrderCodeLost,
		ActionOrderDeleted, ActionOrderNamesCode, ActionOrderSecondUse, ActionOrderSeen, ActionOrderTest, ActionOrderTooMany,
		ActionOrderUnpaid, ActionOrderUnreadable, ActionOrderVoided, ActionPointsGivenBack, ActionPointsGrantRefused,
		ActionPointsGranted, ActionPointsTakeBackRefused, ActionPointsTaken, ActionPointsTakenBack, ActionPolicyChanged,
		ActionPolicyRecorded, ActionRefundRefused, ActionRefundStarted, ActionReissueFailed, ActionReissueStarted,
		ActionReminderDue, ActionReviewAuto, ActionReviewDecided, ActionReviewProposed, ActionRightsChanged,
		ActionBulkMade, ActionBulkMoved, ActionRequestsFound, ActionRequestApproved, ActionRequestLapsed, ActionRequestOpened, ActionRequestRefused, ActionRequestWithdrawn,
		ActionSessionAllEnded, ActionSessionByProvider, ActionSessionConfirmationRefused, ActionSessionConfirmed,
		ActionSessionEnded, ActionSessionHalfWay, ActionSessionOpened, ActionSessionOthersEnded, ActionSessionRefused,
		ActionSessionSecondFactorRefused, ActionShopChanged, ActionShopInstalledAgain, ActionShopUninstallReported,
		ActionShopUninstalled, ActionStaffAdded, ActionStaffChanged, ActionStaffPasskeyAdded, ActionStaffPasskeyRemoved,
		ActionStaffPasswordChanged, ActionStaffPasswordSet, ActionStaffRecoveryRenewed, ActionStaffSecondFactorReset,
		ActionStaffTOTPAdded, ActionStaffTOTPRemoved, ActionSuspensionRefused, ActionTokenAdded, ActionTokenRefused,
		ActionTokenRevoked, ActionCustomerRead, ActionCouponsOfRead, ActionCouponRead, ActionCouponsFound,
		ActionReviewRead, ActionReviewsFound, ActionAuditArchived, ActionAuditLossAccepted, ActionAuditExportBegun, ActionAuditExported, ActionMembersExportBegun, ActionMembersExported, ActionReportExported,
		ActionPrivacyExported, ActionCampaignMade, ActionCampaignMoved, ActionCampaignProtected, ActionCampaignRenamed,
		ActionDecisionJudged, ActionCampaignTried, ActionDecisionRead, ActionDecisionsFound, ActionIdentityPerson,
		ActionIdentityScanned, ActionDiscountsScanned, ActionMembersListed, ActionSearched,
		ActionEventEndpointAdded, ActionEventEndpointChanged, ActionEventEndpointRemoved, ActionEventSecretRotated,
		ActionEventsReplayed,
		ActionBatchMade, ActionBatchMoved, ActionCampaignCodeAdded, ActionCampaignCodeDeactivated,
		ActionCampaignDiscountMade, ActionCampaignDiscountMoved, ActionCampaignDiscountRemoved, ActionBatchExported,
		ActionTableExported,
	}
}
