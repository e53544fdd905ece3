package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/doctor"
	"pointbridge/domain/setup"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/store"
)

// outsideLimit bounds a question to somebody outside.
const outsideLimit = 20 * time.Second

// Examination is what a doctor asks by: the settings, what to ask beside what is always asked, and how the database is
// reached.
type Examination struct {
	Config Config
	// MailTo is where a test mail goes; empty sends none. Language is the one that it is in.
	MailTo, Language string
	// AskPublic has PUBLIC_URL asked whether this service answers there.
	AskPublic bool

	now      func() time.Time
	faults   []string
	open     func(ctx context.Context) (*store.Store, error)
	writable func(ctx context.Context) error
	db       *store.Store
	shop     *shopify.Client
	shopSays *listener
	found    setup.Shop
	posSays  *listener
}

// NewExamination prepares one for a command. Settings may be wrong: what needs them is then not asked.
func NewExamination(cfg Config, unset error) *Examination {
	e := &Examination{Config: cfg, now: domain.SystemClock{}.Now}
	var wrong *FaultsError
	switch {
	case errors.As(unset, &wrong):
		e.faults = wrong.Lines
	case unset != nil:
		e.faults = []string{unset.Error()}
	}
	e.open = func(ctx context.Context) (*store.Store, error) {
		if err := cfg.DatabaseThere(); err != nil {
			return nil, err
		}
		return store.Open(ctx, cfg.Database(2, nil))
	}
	e.writable = func(ctx context.Context) error { return e.db.Writable(ctx) }
	return e
}

// Close lets go of what was opened.
func (e *Examination) Close() error {
	if e.db == nil {
		return nil
	}
	return e.db.Close()
}

// Checks is everything that a doctor asks, in order.
func (e *Examination) Checks() []doctor.Check {
	return slices.Concat([]doctor.Check{{Name: doctor.Settings, Limit: readyTimeout, Ask: e.settings}}, e.databaseChecks(),
		e.shopChecks(), e.posChecks(), e.mailChecks(), e.publicChecks())
}

func (e *Examination) settings(context.Context) doctor.Finding {
	names, sentences := []string{}, []string{}
	for _, one := range e.Config.mistyped {
		names, sentences = append(names, one.short()), append(sentences, one.String())
	}
	if len(e.faults) > 0 {
		return doctor.Say(doctor.SettingsFaults, "faults", append(slices.Clone(e.faults), sentences...))
	}
	if len(names) > 0 {
		return doctor.Say(doctor.SettingsMistyped, "names", names)
	}
	return doctor.Say(doctor.SettingsGood)
}

// faultsOf are the faults that a part of the settings has.
func faultsOf(checks ...func(*faults)) []string {
	var f faults
	for _, check := range checks {
		check(&f)
	}
	return f.list
}

// with gives checks the faults of the settings that they take.
func with(wrong []string, checks []doctor.Check) []doctor.Check {
	for i := range checks {
		checks[i].Settings = wrong
	}
	return checks
}
