package console

import (
	"errors"
	"net/http"
	"net/url"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/notices"
)

const (
	lettersPath = consolePath + "/mails"
	letterPath  = lettersPath + "/:kind"
)

// letterHandlers show what members and staff are written, with sample data.
type letterHandlers struct{ *Console }

// A mail brings its own style and the shop's picture, and runs nothing: it is shown in a frame that is nobody's page.
const (
	framePolicy  = pages.ContentPolicy + "; frame-src 'self'"
	letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src https:; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'self'; sandbox"
)

// letterPage is one mail with sample data.
type letterPage struct {
	Kinds    []string
	Kind, In string
	notices.Preview
	// To is where a test mail would go: the address of whoever looks.
	To, Key string
	Sent    *notices.Proven
	Told    *pages.Told
}

// At is the address of a mail in a language.
func (letterPage) At(kind, in string) string { return letterAddress(kind, "", in) }

// Body is where the mail itself is, for the frame.
func (p letterPage) Body() string { return letterAddress(p.Kind, "/body", p.In) }

// Test is where the form of a test mail goes.
func (p letterPage) Test() string { return letterAddress(p.Kind, "/test", p.In) }

func letterAddress(kind, part, in string) string {
	return lettersPath + "/" + kind + part + "?" + url.Values{"in": {in}}.Encode()
}

func (con letterHandlers) letterRoutes() []route {
	manage := access.To("mails", "manage")
	return []route{
		pages.Get(lettersPath, manage, con.first),
		pages.Get(letterPath, manage, con.letter),
		pages.Get(letterPath+"/body", manage, con.body),
		pages.Post(letterPath+"/test", manage, con.test),
	}
}

// LetterName is what a mail is called.
func (d *view) LetterName(kind string) string { return d.req.letterName(kind) }

func (req *request) letterName(kind string) string {
	if kind == "notice" {
		return req.T("letters.notice")
	}
	return req.T("mails." + kind)
}

// first shows the mail that most members get.
func (con letterHandlers) first(req *request) error {
	return con.show(req, http.StatusOK, letterPage{Kind: con.deps.Proofs.Samples()[0], In: req.Lang})
}

// letter is the mail that the address names, in the reader's language where it names none.
func (req *request) letter() letterPage {
	p := letterPage{Kind: req.Gin.Param("kind"), In: req.Query("in")}
	if p.In == "" {
		p.In = req.Lang
	}
	return p
}

func (con letterHandlers) letter(req *request) error {
	return con.show(req, http.StatusOK, req.letter())
}

func (con letterHandlers) show(req *request, status int, page letterPage) (err error) {
	if page.Preview, err = con.deps.Proofs.Sample(page.Kind, page.In); err != nil {
		return err
	}
	page.Kinds, page.To, page.Key = con.deps.Proofs.Samples(), req.person.Email, pages.NewKey()
	req.Gin.Header("Content-Security-Policy", framePolicy)
	req.showStatus(status, "letter", req.T("letters.title")+" · "+req.letterName(page.Kind), page)
	return nil
}

// body is the mail alone, as a mail program would show it.
func (con letterHandlers) body(req *request) error {
	page := req.letter()
	preview, err := con.deps.Proofs.Sample(page.Kind, page.In)
	if err != nil {
		return err
	}
	req.Gin.Header("Content-Security-Policy", letterPolicy)
	req.Gin.Header("Referrer-Policy", "no-referrer")
	req.Gin.Data(http.StatusOK, "text/html; charset=utf-8", []byte(preview.HTML))
	return nil
}

// test sends the mail to whoever asks, and to nobody else.
func (con letterHandlers) test(req *request) error {
	key := req.Field("key")
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeValidation, "field", "key")
	}
	page := req.letter()
	sent, err := con.deps.Proofs.Send(req.Ctx(), notices.Proof{Caller: req.Who, To: req.person.Email, Kind: page.Kind,
		Locale: page.In, Key: key})
	var refusal *domain.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code != domain.CodeInternal && refusal.Code != domain.CodeNotFound:
		told := req.Refuse(err)
		page.Told = &told
		return con.show(req, told.Status, page)
	case err != nil:
		return err
	}
	page.Sent = &sent
	return con.show(req, http.StatusOK, page)
}
