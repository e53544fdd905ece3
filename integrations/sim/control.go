package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Handler lets another process set faults: POST takes a rule as JSON (act, mode, count, status, retry_after, reason),
// or a delay for an act (act, delay_ms), or both; DELETE clears everything. A rule that could never work is refused
// with 400. Whoever mounts it guards it with the simulator's own credential.
func (f *Faults) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			f.post(w, r)
		case http.MethodDelete:
			f.Clear()
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Allow", "POST, DELETE")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

type order struct {
	Rule
	DelayMS *int64 `json:"delay_ms"`
}

func (f *Faults) post(w http.ResponseWriter, r *http.Request) {
	var o order
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	d.DisallowUnknownFields()
	err := d.Decode(&o)
	if err == nil {
		err = o.check()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if o.DelayMS != nil {
		f.SetDelay(o.Act, time.Duration(*o.DelayMS)*time.Millisecond)
	}
	if o.Mode != "" {
		f.Add(o.Rule)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (o order) check() error {
	switch {
	case o.Act == "":
		return errors.New("act is missing")
	case o.Mode == "" && o.DelayMS == nil:
		return errors.New("mode or delay_ms is missing")
	case o.Mode != "" && !o.Mode.known():
		return fmt.Errorf("mode %q is not known", o.Mode)
	case o.DelayMS != nil && *o.DelayMS < 0:
		return errors.New("delay_ms is negative")
	case o.Code != 0 && (o.Code < 200 || o.Code > 599):
		return errors.New("status is not between 200 and 599")
	default:
		return nil
	}
}
