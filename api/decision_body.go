package api

import (
	"time"

	"pointbridge/domain/decisions"
)

// AnswerBody is what a decision comes to.
type AnswerBody struct {
	ID            *string          `json:"id" doc:"The decision's id; null where nothing was stored: the campaign is not protected, or it was a trial"`
	Outcome       string           `json:"outcome" enum:"allow,allow_flagged,refuse" doc:"refuse: the code gives no discount; the order may go on at full price. allow_flagged: let pass, and a person looks at it later. Act on it only where enforced is true"`
	Reason        *string          `json:"reason" enum:"already_used,new_customers_only,wrong_currency,not_your_code,code_not_valid,campaign_paused,campaign_ended,not_eligible,not_started,account_required,audience_not_met,bought_recently,minimum_not_met,wrong_market,cart_not_eligible,usage_limit_reached,code_limit_reached,could_not_check" doc:"Why it refuses; null otherwise"`
	Message       *string          `json:"message" doc:"The same as a sentence for the customer, in the language that was asked for; the campaign's own where it has one"`
	Score         int              `json:"score" doc:"How much speaks for somebody who was here before"`
	Threshold     int              `json:"threshold" doc:"How many counted signals must be the same"`
	Signals       []DecisionSignal `json:"signals" nullable:"false" doc:"What speaks for it; always empty in the answer to a customer's own call"`
	PolicyVersion int              `json:"policy_version" doc:"The version of the campaign's rules that decided"`
	Enforced      bool             `json:"enforced" doc:"false: the campaign only watches, so that nothing is refused"`
	Unanswered    []string         `json:"unanswered,omitempty" doc:"The rules of which nobody could tell whether they hold, because the shop did not answer in time or the request shows nothing of it; the campaign says whether that refuses. Missing where there is none, and in the answer to a customer's own call"`
}

// DecisionSignal is one thing that speaks for the same person.
type DecisionSignal struct {
	Kind     string         `json:"kind" enum:"customer,email,phone,address,ip,device,name,disposable_domain,close_in_time,many_emails_per_ip"`
	Strength string         `json:"strength" enum:"decisive,counted,weak"`
	Matched  []MatchedOrder `json:"matched" nullable:"false" doc:"The newest earlier orders that it is about"`
}

// MatchedOrder is an earlier order.
type MatchedOrder struct {
	Order string    `json:"order"`
	At    time.Time `json:"at"`
	Code  string    `json:"code"`
}

// DecisionRecord is a decision as it is kept.
type DecisionRecord struct {
	AnswerBody
	Campaign  string        `json:"campaign"`
	Code      *string       `json:"code"`
	Stage     string        `json:"stage" enum:"issue,cart,checkout,order"`
	At        time.Time     `json:"at"`
	OrderID   *string       `json:"order_id" doc:"The order, where it was decided about one"`
	Shown     []ShownSignal `json:"shown" nullable:"false" doc:"What was shown of the person, by kind; the values are kept nowhere"`
	ByShopper bool          `json:"by_shopper" doc:"true: the shopper asked by themselves, with a session token. Shopify names the customer; everything else is what was typed"`
	Verdict   *VerdictBody  `json:"verdict" doc:"What a person said of it; null as long as nobody has"`
	Erased    bool          `json:"erased" doc:"true: only outcome, reason and score are left"`
}

// ShownSignal is how many different values of a kind were shown.
type ShownSignal struct {
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// VerdictBody is what a person said.
type VerdictBody struct {
	Verdict string    `json:"verdict" enum:"abuse,not_abuse"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Note    *string   `json:"note"`
}

// answerOf words an answer, with the standard text of a reason.
func (x *exchange) answerOf(id string, a decisions.Answer) AnswerBody {
	b := AnswerBody{ID: given(id), Outcome: string(a.Outcome), Reason: given(string(a.Reason)), Score: a.Score(),
		Threshold: a.Threshold, Signals: make([]DecisionSignal, 0, len(a.Signals)), PolicyVersion: a.PolicyVersion,
		Enforced: a.Enforced, Unanswered: a.Unanswered()}
	if a.Reason != "" {
		message := x.api.texts.reason(x.words, a.Reason)
		b.Message = &message
	}
	for _, s := range a.Signals {
		signal := DecisionSignal{Kind: string(s.Kind), Strength: string(s.Strength),
			Matched: make([]MatchedOrder, 0, len(s.Matched))}
		for _, m := range s.Matched {
			signal.Matched = append(signal.Matched, MatchedOrder{Order: m.Order, At: m.At.UTC(), Code: m.Code})
		}
		b.Signals = append(b.Signals, signal)
	}
	return b
}

// told leaves of an answer what a customer is told of their own call: whether the code gives its discount. What speaks
// for whom would tell them about other people.
func (b AnswerBody) told() AnswerBody {
	if b.Outcome != string(decisions.Refuse) || !b.Enforced {
		b.Outcome, b.Reason, b.Message = string(decisions.Allow), nil, nil
	}
	b.Score, b.Threshold, b.Signals, b.Unanswered = 0, 0, []DecisionSignal{}, nil
	return b
}

func (x *exchange) decisionOf(d decisions.Decision) DecisionRecord {
	b := DecisionRecord{AnswerBody: x.answerOf(d.PublicID, d.Answer), Campaign: d.Campaign,
		Code: given(d.Request.Code), Stage: string(d.Request.Stage), At: d.At.UTC(), OrderID: given(d.Request.OrderID),
		Shown: make([]ShownSignal, 0, len(d.Request.Shown)), Erased: d.Erased, ByShopper: d.Request.ByShopper}
	for _, s := range d.Request.Shown {
		b.Shown = append(b.Shown, ShownSignal{Kind: string(s.Kind), Count: s.Count})
	}
	if d.Verdict.Is != "" {
		b.Verdict = &VerdictBody{Verdict: string(d.Verdict.Is), By: d.Verdict.By, At: d.Verdict.At.UTC(),
			Note: given(d.Verdict.Note)}
	}
	return b
}

// reason is the standard text of a reason to refuse.
func (t *texts) reason(w *wording, reason decisions.Reason) string {
	return t.sentence(w, "decision.reason.", string(reason))
}

// sentence says a text that has no figures, and falls back to the shop's language, and to its name at last.
func (t *texts) sentence(w *wording, room, name string) string {
	for _, from := range []*wording{w, t.wordings[0]} {
		if text, err := t.words.Say(from.tag.String(), room+name); err == nil {
			return text
		}
	}
	return name
}
