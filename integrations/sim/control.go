package sim

import (
	"encoding/json"
	"net/http"
	"time"
)

// Handler lets another process set faults: POST takes a rule, or a delay for an act; DELETE clears everything. Whoever
// mounts it guards it with the simulator's own credential.
func (f *Faults) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodPost:
			f.post(w, r)
		case http.MethodDelete:
			f.Clear()
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

func (f *Faults) post(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Rule
		DelayMS *int64 `json:"delay_ms"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&body); err != nil || body.Act == "" {
		http.Error(w, "a JSON object with an act is needed", http.StatusBadRequest)
		return
	}
	if body.DelayMS != nil {
		f.SetDelay(body.Act, time.Duration(*body.DelayMS)*time.Millisecond)
	}
	if body.Mode != "" {
		f.Add(body.Rule)
	}
	w.WriteHeader(http.StatusNoContent)
}
