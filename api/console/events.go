package console

import (
	"slices"
	"strings"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

// event is an audit entry in words.
type event struct {
	At time.Time
	// By is who did it; empty for what the service did by itself.
	By      string
	Text    string
	Outcome string
	// Action is the line's own name, shown where there are no words for it.
	Action    string
	Unknown   bool
	Emergency bool
}

// figure words one figure of a line's detail.
type figure func(req *request, e domain.AuditEntry) any

// eventFigures says which figures stand in the places {0}, {1}, … of each action's sentence, "event." and the action.
var eventFigures = map[string][]figure{
	domain.ActionConversionStarted:     {figurePoints("points"), figureText("reference")},
	domain.ActionConversionFailed:      {figureProblem("code")},
	domain.ActionConversionRefused:     {figureProblem("code")},
	domain.ActionPointsTaken:           {figurePoints("points"), figureText("reference")},
	domain.ActionPointsGivenBack:       {figurePoints("points"), figureText("reference")},
	domain.ActionPointsGranted:         {figurePoints("points"), figureText("reference")},
	domain.ActionPointsTakenBack:       {figurePoints("points"), figureText("reference")},
	domain.ActionPointsGrantRefused:    nil,
	domain.ActionPointsTakeBackRefused: nil,
	domain.ActionIssueStarted:          {figureText("campaign")},
	domain.ActionIssueFailed:           {figureProblem("code")},
	domain.ActionIssueRefused:          {figureProblem("code"), figureText("campaign")},
	domain.ActionCouponCancelled:       nil,
	domain.ActionCouponActivated:       nil,
	domain.ActionCouponUsed:            {figureOrder},
	domain.ActionCouponExpired:         nil,
	domain.ActionCouponSuspended:       {figureReason},
	domain.ActionCancellationStarted:   {figureReason},
	domain.ActionCancellationRefused:   {figureProblem("problem")},
	domain.ActionSuspensionRefused:     {figureProblem("problem")},
	domain.ActionRefundRefused:         {figureProblem("problem")},
	domain.ActionDecisionRefused:       {figureProblem("problem")},
	domain.ActionRefundStarted:         {figurePoints("points"), figureText("reference")},
	domain.ActionDiscountDeactivated:   nil,
	domain.ActionDiscountRefused:       nil,
	domain.ActionDiscountRemoved:       nil,
	domain.ActionDiscountChanged:       {figureDiffers},
	domain.ActionDiscountDeleted:       nil,
	domain.ActionDiscountRevived:       nil,
	domain.ActionDiscountEndLost:       nil,
	domain.ActionMailAgain:             nil,
	domain.ActionMailTried:             nil,
	domain.ActionMovementParked:        {figureText("reference")},
	domain.ActionOrderSeen:             {figureOrder},
	domain.ActionOrderVoided:           {figureOrder},
	domain.ActionOrderCodeLost:         {figureOrder},
	domain.ActionOrderSecondUse:        {figureOrder},
	domain.ActionOrderNamesCode:        {figureOrder},
	domain.ActionOrderTest:             {figureOrder},
	domain.ActionOrderTooMany:          {figureOrder},
	domain.ActionOrderUnpaid:           {figureOrder},
	domain.ActionReissueStarted:        nil,
	domain.ActionReissueFailed:         nil,
	domain.ActionReminderDue:           {figureCount("days")},
	domain.ActionBulkMade:              {figureText("bulk"), figureText("coupons"), figurePoints("points")},
	domain.ActionBulkMoved:             {figureText("bulk"), figureBulkStatus},
	domain.ActionRequestOpened:         {figureReason},
	domain.ActionRequestApproved:       {figureText("asked_by")},
	domain.ActionRequestRefused:        {figureText("asked_by")},
	domain.ActionRequestLapsed:         {figureText("asked_by")},
	domain.ActionRequestWithdrawn:      nil,
	domain.ActionRequestsFound:         {figureCount("found")},
	domain.ActionReviewProposed:        {figureOutcome},
	domain.ActionReviewDecided:         {figureOutcome},
	domain.ActionReviewAuto:            {figureOutcome},
	domain.ActionCustomerLinked:        nil,
	domain.ActionCustomerLocked:        {figureCount("refusals")},
	domain.ActionCustomerUnlocked:      nil,
	domain.ActionCustomerRenumbered:    {figureText("from"), figureText("to"), figureCount("coupons")},
	// What belongs to no coupon stands in the audit alone.
	domain.ActionCustomerUpdated:       nil,
	domain.ActionShopChanged:           nil,
	domain.ActionOrderDeleted:          {figureOrder},
	domain.ActionOrderUnreadable:       {figureOrder},
	domain.ActionCustomerErased:        nil,
	domain.ActionCustomerMerged:        nil,
	domain.ActionCustomerUnlinked:      nil,
	domain.ActionErasureAnnounced:      {figureCount("members")},
	domain.ActionErasureWithdrawn:      nil,
	domain.ActionErasureApproved:       nil,
	domain.ActionErasureStopped:        nil,
	domain.ActionShopUninstallReported: nil,
	domain.ActionShopUninstalled:       nil,
	domain.ActionShopInstalledAgain:    nil,
	domain.ActionAccessRefused:         {figureAccess},
	domain.ActionAlertUnknownCodes:     nil,
	domain.ActionAlertRefusals:         {figureCount("refusals"), figureText("usual")},
	domain.ActionAlertLeakedCodes:      {figureCount("tries")},
	domain.ActionBooksRepaired:         nil,
	domain.ActionBooksRestored:         {figureOutside("pos"), figureOutside("shop"), figureShownAs},
	domain.ActionKeyCreated:            {figureText("name")},
	domain.ActionKeyRevoked:            {figureText("prefix")},
	domain.ActionPolicyChanged:         nil,
	domain.ActionPolicyRecorded:        nil,
	domain.ActionRightsChanged:         nil,
	domain.ActionSessionOpened:         nil,
	domain.ActionSessionRefused:        nil,
	domain.ActionSessionEnded:          nil,
	domain.ActionSessionAllEnded:       nil,
	domain.ActionStaffAdded:            {figureText("name")},
	domain.ActionStaffChanged:          {figureText("staff")},
	domain.ActionStaffPasswordSet:      {figureText("staff")},
	domain.ActionTokenAdded:            {figureText("name")},
	domain.ActionTokenRevoked:          {figureText("staff")},
	domain.ActionAuditKeyChanged:       nil,
	domain.ActionAuditArchived:         nil,
	domain.ActionAuditLossAccepted:     {figureText("rows"), figureText("by")},
	domain.ActionAuditExportBegun:      nil,
	domain.ActionAuditExported:         {figureCount("found")},
	domain.ActionMembersExportBegun:    nil,
	domain.ActionMembersExported:       {figureCount("found")},
	domain.ActionCouponRead:            nil,
	domain.ActionCouponsFound:          {figureCount("found")},
	domain.ActionCouponsOfRead:         nil,
	domain.ActionCustomerRead:          nil,
	domain.ActionCustomerNoted:         nil,
	domain.ActionSearched:              nil,
	domain.ActionPrivacyExported:       nil,
	domain.ActionReportExported:        {figureCount("found")},
	domain.ActionTableExported:         {figureCount("found")},
	domain.ActionReviewRead:            nil,
	domain.ActionReviewsFound:          {figureCount("found")},
	domain.ActionMembersListed:         {figureCount("found")},
	domain.ActionTokenRefused:          {figureText("staff")},
	domain.ActionCustomerRefused:       nil,
	domain.ActionSessionByProvider:     {figureText("how")},
	domain.ActionIdentityRefused:       {figureRefused},
	domain.ActionIdentityLinked:        {figureText("staff")},
	domain.ActionIdentityLinkAllowed:   {figureText("staff")},
	domain.ActionIdentityRoleChanged:   {figureText("staff"), figureRole("role_before"), figureRole("role")},
	domain.ActionIdentitySuspended:     {figureText("staff")},
	domain.ActionIdentityResumed:       {figureText("staff")},

	domain.ActionBatchMade:               {figureText("campaign")},
	domain.ActionBatchMoved:              {figureText("campaign"), figureText("after")},
	domain.ActionBatchExported:           {figureText("campaign")},
	domain.ActionEventEndpointAdded:      {figureText("endpoint")},
	domain.ActionEventEndpointChanged:    {figureText("endpoint")},
	domain.ActionEventEndpointRemoved:    {figureText("endpoint")},
	domain.ActionEventSecretRotated:      {figureText("endpoint")},
	domain.ActionEventsReplayed:          {figureText("endpoint"), figureCount("events")},
	domain.ActionCampaignCodeAdded:       {figureText("campaign"), figureText("code"), figureText("owner")},
	domain.ActionCampaignCodeDeactivated: {figureText("campaign"), figureText("code")},
	domain.ActionCampaignDiscountMade:    {figureText("campaign")},
	domain.ActionCampaignDiscountMoved:   {figureText("campaign"), figureText("after")},
	domain.ActionCampaignDiscountRemoved: {},
	domain.ActionCampaignMade:            {figureText("campaign")},
	domain.ActionCampaignMoved:           {figureText("campaign")},
	domain.ActionCampaignProtected:       {figureText("campaign")},
	domain.ActionCampaignRenamed:         {figureText("campaign")},
	domain.ActionDecisionJudged:          {figureText("decision")},
	domain.ActionCampaignTried:           {figureText("campaign")},
	domain.ActionDecisionRead:            {figureText("decision")},
	domain.ActionDecisionsFound:          {figureCount("found")},
	domain.ActionIdentityPerson:          {figureText("decision")},
	domain.ActionIdentityScanned:         {figureCount("days")},
	domain.ActionDiscountsScanned:        {figureCount("found")},

	domain.ActionSessionHalfWay:             nil,
	domain.ActionSessionSecondFactorRefused: nil,
	domain.ActionSessionConfirmed:           nil,
	domain.ActionSessionConfirmationRefused: nil,
	domain.ActionSessionOthersEnded:         nil,
	domain.ActionStaffPasswordChanged:       nil,
	domain.ActionStaffTOTPAdded:             nil,
	domain.ActionStaffTOTPRemoved:           nil,
	domain.ActionStaffPasskeyAdded:          {figureText("name")},
	domain.ActionStaffPasskeyRemoved:        nil,
	domain.ActionStaffRecoveryRenewed:       nil,
	domain.ActionStaffSecondFactorReset:     {figureText("staff")},
}

// eventKey is the key of an action's sentence.
func eventKey(action string) string { return "event." + action }

// events words the lines of a history, oldest first.
func (req *request) events(history []domain.AuditEntry) []event {
	list := make([]event, 0, len(history))
	for _, e := range history {
		list = append(list, req.event(e))
	}
	return list
}

// by names who did something: staff and programs by their own names, a customer by the way they came.
func (req *request) by(e domain.AuditEntry) string {
	if e.ActorName == "" {
		return e.Actor
	}
	if domain.ByShop(e.Actor) {
		if said, err := req.console.deps.Words.Say(req.Lang, "event.by_"+e.ActorName); err == nil {
			return said
		}
	}
	return e.ActorName
}

func (req *request) event(e domain.AuditEntry) event {
	figures, known := eventFigures[e.Action]
	line := event{At: e.At, Outcome: e.Outcome, Action: e.Action, Unknown: !known,
		Emergency: e.Detail["emergency"] == true}
	if e.Actor != domain.System().ID {
		line.By = req.by(e)
	}
	if !known {
		line.Text = req.T("event.other")
		return line
	}
	args := make([]any, 0, len(figures))
	for _, f := range figures {
		args = append(args, f(req, e))
	}
	line.Text = req.T(eventKey(e.Action), args...)
	if n, several := wholeNumber(e.Detail["times"]); several {
		if slices.ContainsFunc(args, silent) { // what they were each about is not the same, so no sentence fits all
			line.Text = ""
		}
		line.Text = strings.TrimSpace(line.Text + " " + req.T("event.times", pages.Quantity(n)))
	}
	if e.Detail["odd"] == true {
		line.Text += " " + req.T("event.odd")
	}
	return line
}

// known is the word for a value of a closed list; a value that nobody has words for stands for itself.
func (req *request) known(list, value string) string {
	if said, err := req.console.deps.Words.Say(req.Lang, list+value); err == nil {
		return said
	}
	return value
}
