package smaregi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

const mostBody = 1 << 16

// japan is the zone of Smaregi's days and times.
var japan = time.FixedZone("JST", 9*60*60)

// integer is how Smaregi takes and writes numbers: as text.
var integer = regexp.MustCompile(`^-?[0-9]{1,9}$`)

func stamp(at time.Time) string { return at.In(japan).Format(time.RFC3339) }

func text(n int64) string { return strconv.FormatInt(n, 10) }

func decode(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// problem is Smaregi's error. It has no code.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Status int    `json:"status"`
}

// details are the sentences that Smaregi explains a status with, where the caller has none of its own.
var details = map[int]string{
	http.StatusUnauthorized:        "アクセストークンが不正です。",
	http.StatusForbidden:           "スコープが不足しています。",
	http.StatusNotFound:            "会員が存在しません。",
	http.StatusTooManyRequests:     "リクエスト数が上限を超えました。",
	http.StatusInternalServerError: "エラーが発生しました。",
}

func (s *Server) refuse(w http.ResponseWriter, status int, detail string) {
	s.counting.Lock()
	s.refused[status]++
	s.counting.Unlock()
	if detail == "" {
		detail = details[status]
	}
	say(w, status, "application/problem+json", problem{"about:blank", http.StatusText(status), detail, status})
}

func answer(w http.ResponseWriter, status int, body any) { say(w, status, "application/json", body) }

func say(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller who has gone away hears nothing
}
