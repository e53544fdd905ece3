package app

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/doctor"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/upstream"
)

func (e *Examination) posChecks() []doctor.Check {
	wrong := faultsOf(e.Config.checkPOS)
	if e.Config.POSTimeout <= 0 {
		wrong = append(wrong, "POS_TIMEOUT must be positive")
	}
	return with(wrong, []doctor.Check{
		{Name: doctor.POS, Limit: outsideLimit, Ask: e.askPOS},
		{Name: doctor.POSClock, Needs: []doctor.Name{doctor.POS}, Limit: readyTimeout,
			Ask: func(context.Context) doctor.Finding { return skewOf(e.posSays) }},
	})
}

// askPOS is `pos check` without a member: the POS is asked for somebody who cannot exist, and nothing is moved.
func (e *Examination) askPOS(ctx context.Context) doctor.Finding {
	client, says := listening(e.now)
	report, err := e.Config.checkPOSThrough(ctx, client, "", nil)
	if err != nil {
		return doctor.Say(doctor.NotTold, "cause", err.Error())
	}
	e.posSays = says
	asked := report.Of(poscheck.UnknownMember)
	promised := coupons.Capabilities{}
	switch said := asked.Sentence.Text(); {
	case len(report.Broken(promised)) > 0:
		return doctor.Say(doctor.POSBroken, "said", said).Because(asked.Err)
	case len(report.Open(promised)) > 0, asked.Verdict != poscheck.Held:
		return doctor.Say(doctor.POSUntold, "said", said).Because(asked.Err)
	}
	return doctor.Say(doctor.POSAnswers, "pos", e.Config.TillName())
}

func (e *Examination) mailChecks() []doctor.Check {
	return with(faultsOf(e.Config.checkMail), []doctor.Check{
		{Name: doctor.Mail, Limit: outsideLimit, Ask: e.mail},
		{Name: doctor.TestMail, Needs: []doctor.Name{doctor.Mail}, Limit: outsideLimit, Ask: e.testMail},
	})
}

func (e *Examination) mail(ctx context.Context) doctor.Finding {
	mailer, err := e.Config.newMailer(time.UTC, nil)
	if err != nil {
		return doctor.Say(doctor.NotTold, "cause", err.Error())
	}
	if err := mailer.Greet(ctx); err != nil {
		return doctor.Failed(err, doctor.MailRefuses, outsideLimit)
	}
	if e.Config.SMTPTLS != "mandatory" {
		return doctor.Say(doctor.MailPlain, "host", e.Config.SMTPHost)
	}
	return doctor.Say(doctor.MailTakes, "host", e.Config.SMTPHost)
}

func (e *Examination) testMail(ctx context.Context) doctor.Finding {
	if e.MailTo == "" {
		return doctor.Say(doctor.MailUnsought)
	}
	mailer, err := e.Config.newMailer(time.UTC, nil)
	if err != nil {
		return doctor.Say(doctor.NotTold, "cause", err.Error())
	}
	err = mailer.SendTest(ctx, e.MailTo, e.Language)
	if domain.KindOf(err) == domain.KindRefused && err != nil {
		return doctor.Say(doctor.MailRefused, "cause", domain.ReasonOf(err)).Because(err)
	}
	if err != nil {
		return doctor.Failed(err, doctor.MailRefuses, outsideLimit)
	}
	return doctor.Say(doctor.MailSent, "address", e.MailTo)
}

func (e *Examination) publicChecks() []doctor.Check {
	return with(faultsOf(e.Config.checkPublic), []doctor.Check{
		{Name: doctor.PublicAddress, Limit: readyTimeout, Ask: e.publicAddress},
		{Name: doctor.PublicAnswer, Limit: outsideLimit, Ask: e.publicAnswer},
	})
}

func (e *Examination) publicAddress(context.Context) doctor.Finding {
	if u, err := url.Parse(e.Config.PublicURL); err != nil || loopback(u.Hostname()) {
		return doctor.Say(doctor.PublicLoopback, "address", e.Config.PublicURL)
	}
	return doctor.Say(doctor.PublicGood, "address", e.Config.PublicURL)
}

// publicAnswer asks the public address for the service's own sign of life. No answer proves little: some networks let
// nobody out and in again.
func (e *Examination) publicAnswer(ctx context.Context) doctor.Finding {
	if !e.AskPublic {
		return doctor.Say(doctor.PublicUnsought)
	}
	address := strings.TrimSuffix(e.Config.PublicURL, "/") + "/healthz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return doctor.Say(doctor.NotTold, "cause", "address")
	}
	answer, err := upstream.New(HTTPClient(), 4<<10).Do(req)
	if err != nil {
		return doctor.Failed(err, doctor.PublicOther, outsideLimit)
	}
	var said struct {
		Status string `json:"status"`
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &said) != nil || said.Status != "ok" {
		return doctor.Say(doctor.PublicOther, "status", int64(answer.Status))
	}
	return doctor.Say(doctor.PublicAnswers, "address", e.Config.PublicURL)
}
