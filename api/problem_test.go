package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/test/expect"
)

// covers: 001-38, 001-42
func TestEveryCodeHasAStatusAndSentences(t *testing.T) {
	t.Parallel()
	all, err := loadTexts("ja")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("each refusal has its own title and text", func(t *testing.T) {
		t.Parallel()
		for _, w := range all.wordings {
			titles, details := map[string]domain.Code{}, map[string]domain.Code{}
			for _, code := range domain.Codes() {
				title, detail := all.say(w, code, nil)
				if other := titles[title]; other != "" {
					t.Errorf("%s and %s share the title %q", code, other, title)
				}
				if other := details[detail]; other != "" {
					t.Errorf("%s and %s share the text %q", code, other, detail)
				}
				titles[title], details[detail] = code, code
			}
		}
	})
	t.Run("every code has title and text in ja and en, and the last text needs no figure", func(t *testing.T) {
		t.Parallel()
		for _, code := range domain.Codes() {
			keys := all.detailKeys(code)
			titled := all.words.Knows("problem." + string(code) + ".title")
			if !titled || len(keys) == 0 || len(all.words.Places(keys[len(keys)-1])) > 0 {
				t.Errorf("%s has the texts %q", code, keys)
			}
		}
		for _, key := range all.words.Keys() {
			code, isTitle := strings.CutSuffix(key, ".title")
			code, isProblem := strings.CutPrefix(code, "problem.")
			if isTitle && isProblem && !slices.Contains(domain.Codes(), domain.Code(code)) {
				t.Errorf("the domain does not know %s", code)
			}
		}
	})
	t.Run("every code but the internal one has a status of its own choice", func(t *testing.T) {
		t.Parallel()
		for _, code := range domain.Codes() {
			if status := statusOf(code); (status == http.StatusInternalServerError) != (code == domain.CodeInternal) {
				t.Errorf("%s is %d", code, status)
			}
		}
	})
	t.Run("every rule has a sentence, with a limit where it has one", func(t *testing.T) {
		t.Parallel()
		for _, m := range reworded {
			limited := m.limit != "" && m.rule != "required" // which names a member there
			key := "rule." + m.rule
			if !all.words.Knows(key) || slices.Contains(all.words.Places(key), "limit") != limited {
				t.Errorf("the rule %s has no fitting sentence", m.rule)
			}
		}
		for _, rule := range unworded {
			if !all.words.Knows("rule." + rule) {
				t.Errorf("the rule %s has no sentence", rule)
			}
		}
	})
}

// covers: 001-42
func TestLanguages(t *testing.T) {
	t.Parallel()
	const en, ja = "Nothing is here", "見つかりません"
	for header, want := range map[string]string{"ja": ja, "en": en, "en-GB,en;q=0.9": en, "ja-JP": ja, "fr": ja, "": ja,
		"*":            ja,
		"fr, en;q=0.5": en, "en;q=0.1, ja;q=0.9": ja, ";;;": ja, "\xff": ja, strings.Repeat("en,", 100): ja} {
		t.Run("Accept-Language "+header, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			got := s.call("", http.MethodGet, "/nowhere", "", func(r *http.Request) { r.Header.Set("Accept-Language", header) })
			if got.want(t, 404, domain.CodeNotFound).body["title"] != want {
				t.Errorf("got %s", got.raw)
			}
			if language := got.header.Get("Content-Language"); (language == "en") != (want == en) {
				t.Errorf("it says it is in %q", language)
			}
		})
	}
	t.Run("the shop's language is the default", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, func(d *Deps) { d.Locale = "en" })
		if got := s.call("", http.MethodGet, "/nowhere", ""); got.body["title"] != en {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("a shop in a language without sentences does not start", func(t *testing.T) {
		t.Parallel()
		if _, err := New(Deps{Shared: pages.Shared{Locale: "fr"}}); err == nil {
			t.Error("it started")
		}
	})
}

// covers: 001-42
func TestFallBack(t *testing.T) {
	t.Parallel()
	all, err := loadTexts("ja")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a missing sentence falls back to the default language and never to nothing", func(t *testing.T) {
		t.Parallel()
		empty := &wording{tag: language.French, printer: all.in("en").printer}
		if title, detail := all.say(empty, domain.CodeNotFound, nil); title != "見つかりません" || detail == "" {
			t.Errorf("got %q, %q", title, detail)
		}
		if title, detail := all.say(empty, "brand_new", nil); title != "brand_new" || detail != "brand_new" {
			t.Errorf("got %q, %q", title, detail)
		}
		ours := all.rule(all.in("ja"), "integer", "")
		if all.rule(empty, "integer", "") != ours || all.rule(empty, "brand_new", "") != "brand_new" {
			t.Error("a rule is blank")
		}
	})
	t.Run("a text whose figures are not known gives way to one that needs none", func(t *testing.T) {
		t.Parallel()
		_, with := all.say(all.in("en"), domain.CodeInsufficientPoints, map[string]any{"balance": int64(1250),
			"required": 5000.0})
		_, without := all.say(all.in("en"), domain.CodeInsufficientPoints, map[string]any{"required": int64(5000),
			"balance": nil})
		expect.Equal(t, "with", with, "The balance is 1,250 points, and 5,000 are needed.")
		expect.That(t, `without to contain none of "{0123456789"`, !strings.ContainsAny(without, "{0123456789"),
			without)
	})
}

func TestWhatAProblemCountsFitsItsNumber(t *testing.T) {
	t.Parallel()
	all, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	en := all.in("en")
	for n, want := range map[int64]string{0: "0 seconds", 1: "1 second", 2: "2 seconds", 1000: "1,000 seconds"} {
		_, detail := all.say(en, domain.CodeRateLimited, map[string]any{"retry_after": n})
		if detail != "There were too many requests. Try again in "+want+"." {
			t.Errorf("%d reads %q", n, detail)
		}
	}
	_, detail := all.say(en, domain.CodeConversionsLocked, withWait(nil, 885))
	expect.That(t, "people are told minutes", strings.HasSuffix(detail, "converted again in 15 minutes."), detail)
	for limit, want := range map[string]string{"0": "0 characters", "1": "1 character", "2": "2 characters",
		"1000": "1000 characters"} {
		if got := all.rule(en, "min_length", limit); got != "This must have at least "+want+"." {
			t.Errorf("%s reads %q", limit, got)
		}
	}
}

func TestCausesStayHere(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"an error nobody classified": errSecret,
		"the cause of a refusal":     &domain.Error{Code: domain.CodeUpstreamUnavailable, Err: errSecret},
		"a lost race":                errors.Join(domain.ErrConflict, errSecret),
		"an upstream's error": &domain.UpstreamError{Kind: domain.KindUnknown, RetryAfter: time.Second,
			Err: errSecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.service.err = err
			got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/1/points", "")
			if got.status < 500 || strings.Contains(got.raw, "hunter2") || strings.Contains(got.raw, "taro") {
				t.Errorf("got %d %s", got.status, got.raw)
			}
			lines := s.log.lines()
			if len(lines) != 1 || !strings.Contains(lines[0]["error"].(string), "hunter2") {
				t.Errorf("the cause was logged %d times: %v", len(lines), lines)
			}
		})
	}
}

func TestFiguresNeverReplaceMembers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.service.err = domain.Refuse(domain.CodeInsufficientPoints, "status", 200, "code", "fine", "balance", 1)
	got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/1/quote?points=500", "")
	if got.body["code"] != "insufficient_points" || got.body["balance"] != 1.0 {
		t.Errorf("got %s", got.raw)
	}
}

// TestAPageDoesNotSpeakOfFieldsOfTheAPI: what is wrong with a form is told in words for people.
func TestAPageDoesNotSpeakOfFieldsOfTheAPI(t *testing.T) {
	t.Parallel()
	all, err := loadTexts("ja")
	expect.MustEqual(t, "err", err, nil)
	for _, lang := range []string{"ja", "en"} {
		told := (&API{texts: all}).tell(lang, domain.Refuse(domain.CodeValidation, "field", "codes"))
		expect.Equal(t, "status", told.Status, http.StatusUnprocessableEntity)
		expect.That(t, "a text for people", told.Detail != "" && !strings.Contains(told.Detail, "errors"), told.Detail)
	}
}
