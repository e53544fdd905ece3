package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain/doctor"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store"
	"pointbridge/integrations/zones"
)

// errMigrate is what /readyz says of a database that is not up to date.
var errMigrate = errors.New("run: pointbridge migrate")

func (e *Examination) databaseChecks() []doctor.Check {
	reached := []doctor.Name{doctor.Database}
	return with(faultsOf(e.Config.checkDatabase, e.Config.checkPool), []doctor.Check{
		{Name: doctor.Database, Ready: "database", Limit: 15 * time.Second, Ask: e.database},
		{Name: doctor.Schema, Ready: "migrations", Needs: reached, Limit: readyTimeout, Ask: e.schema},
		{Name: doctor.QueueSchema, Ready: "queue", Needs: reached, Limit: readyTimeout, Ask: e.queueSchema},
		{Name: doctor.Writes, Ready: "writes", Needs: []doctor.Name{doctor.Schema}, Limit: readyTimeout, Ask: e.writes},
		{Name: doctor.Durability, Needs: reached, Limit: readyTimeout, Ask: e.durability},
		{Name: doctor.Encoding, Needs: reached, Limit: readyTimeout, Ask: e.encoding},
		{Name: doctor.Zone, Needs: reached, Limit: readyTimeout, Ask: e.zone},
		{Name: doctor.DatabaseClock, Needs: reached, Limit: readyTimeout, Ask: e.databaseClock},
		{Name: doctor.Installed, Ready: "shop", Needs: []doctor.Name{doctor.Schema}, Limit: readyTimeout,
			Ask: e.installed},
	})
}

// database opens the database the first time, and asks it for a sign of life.
func (e *Examination) database(ctx context.Context) doctor.Finding {
	if e.db == nil {
		db, err := e.open(ctx)
		if err != nil {
			return doctor.Say(doctor.DatabaseAway, "cause", PlainDatabase(err)).Because(err)
		}
		e.db = db
	}
	if err := e.db.Ping(ctx); err != nil {
		return doctor.Say(doctor.DatabaseAway, "cause", PlainDatabase(err)).Because(err)
	}
	return doctor.Say(doctor.DatabaseAnswers, "product", e.db.Dialect())
}

func (e *Examination) schema(ctx context.Context) doctor.Finding {
	pending, err := e.db.PendingMigrations(ctx)
	return migrated(!pending, err)
}

func (e *Examination) queueSchema(ctx context.Context) doctor.Finding {
	done, err := jobs.Migrated(ctx, e.db.DB(), e.db.Dialect())
	return migrated(done, err)
}

func migrated(done bool, err error) doctor.Finding {
	switch {
	case RefusedRight(err):
		return doctor.Say(doctor.DatabaseAway, "cause", PlainDatabase(err)).Because(err)
	case err != nil:
		return unread(err)
	case !done:
		return doctor.Say(doctor.SchemaOld).Because(errMigrate)
	}
	return doctor.Say(doctor.SchemaGood)
}

func (e *Examination) writes(ctx context.Context) doctor.Finding {
	if err := e.writable(ctx); err != nil {
		return doctor.Say(doctor.WritesRefused).Because(err)
	}
	return doctor.Say(doctor.WritesGood)
}

// unread is said where the database did not answer a question.
func unread(err error) doctor.Finding {
	return doctor.Say(doctor.NotTold, "cause", "database").Because(err)
}

func (e *Examination) durability(ctx context.Context) doctor.Finding {
	facts, err := e.db.Describe(ctx)
	switch {
	case err != nil:
		return unread(err)
	case len(facts.Unsafe) > 0:
		return doctor.Say(doctor.NotDurable, "settings", facts.Unsafe)
	case facts.Old:
		return doctor.Say(doctor.DatabaseOld, "product", facts.Product)
	case facts.Single != "":
		return doctor.Say(doctor.CommitsApart, "single", facts.Single, "asked", facts.Asked)
	}
	return doctor.Say(doctor.Durable, "product", facts.Product)
}

func (e *Examination) encoding(ctx context.Context) doctor.Finding {
	facts, err := e.db.Describe(ctx)
	switch {
	case err != nil:
		return unread(err)
	case !slices.Contains([]string{"UTF8", "UTF-8"}, facts.Encoding):
		return doctor.Say(doctor.EncodingOther, "encoding", facts.Encoding)
	}
	return doctor.Say(doctor.EncodingGood, "encoding", facts.Encoding)
}

// zone holds the database's time zones against ours, half a year ahead too: rules change, and data grows old.
func (e *Examination) zone(ctx context.Context) doctor.Finding {
	name := e.Config.ShopTimezone
	ours, err := zones.Newest().Load(name)
	if err != nil {
		return doctor.Say(doctor.ZoneUnknown, "zone", name)
	}
	for _, at := range []time.Time{e.now(), e.now().AddDate(0, 6, 0)} {
		theirs, ok, err := e.db.Offset(ctx, name, at)
		_, seconds := at.In(ours).Zone()
		switch {
		case errors.Is(err, store.ErrUnknownZone):
			return doctor.Say(doctor.ZoneUnknown, "zone", name)
		case err != nil:
			return unread(err)
		case ok && theirs != time.Duration(seconds)*time.Second:
			return doctor.Say(doctor.ZoneDiffers, "zone", name)
		}
	}
	return doctor.Say(doctor.ZoneGood, "zone", name)
}

func (e *Examination) databaseClock(ctx context.Context) doctor.Finding {
	began := e.now()
	facts, err := e.db.Describe(ctx)
	ended := e.now()
	switch {
	case err != nil:
		return unread(err)
	case facts.Now == nil:
		return doctor.Say(doctor.SameMachine)
	}
	return doctor.Skewed(facts.Now.Sub(began.Add(ended.Sub(began) / 2)))
}

func (e *Examination) installed(ctx context.Context) doctor.Finding {
	i, err := e.db.Webhooks.Installation(ctx)
	switch {
	case err != nil:
		return unread(err)
	case i.State == webhooks.Confirmed:
		return doctor.Say(doctor.Uninstalled).Because(
			errors.New("the app was uninstalled from the shop; install it and run: pointbridge shopify setup"))
	}
	return doctor.Say(doctor.InstalledGood)
}
