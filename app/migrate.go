package app

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"pointbridge/domain/members"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/phones"
	"pointbridge/integrations/store"
)

// LoadDatabaseConfig reads the environment for what works on the database alone: of the settings those about it have to
// be there. What else it uses, if it is there, has to be right.
func LoadDatabaseConfig(environ []string) (Config, error) {
	cfg, faults := loadDatabase(environ)
	return cfg, faults.err()
}

// LoadKeyedConfig is LoadDatabaseConfig for what makes or finds digests in the database, of numbers and of people: it takes
// SECRET_KEY as well. With another one nobody would be found.
func LoadKeyedConfig(environ []string) (Config, error) {
	cfg, faults := loadDatabase(environ)
	faults.require("SECRET_KEY", string(cfg.SecretKey))
	cfg.checkIdentity(&faults)
	return cfg, faults.err()
}

func loadDatabase(environ []string) (Config, faults) {
	cfg, faults := readEnvironment(environ)
	cfg.readRules(&faults)
	cfg.checkDatabase(&faults)
	cfg.checkPool(&faults)
	cfg.checkCountry(&faults)
	cfg.checkAudit(&faults)
	cfg.checkOIDC(&faults)
	cfg.checkErasures(&faults)
	if cfg.SecretKey != "" {
		checkSecret(&faults, "SECRET_KEY", string(cfg.SecretKey), 32)
	}
	_, err := LoadConfig(environ)
	cfg.partly = err != nil
	return cfg, faults
}

// errCountry is said where members' phone numbers are to be read, and nobody said by which country.
var errCountry = errors.New("members' phone numbers are still to be read as SHOP_COUNTRY says: " +
	"run this once with the settings of the service")

// Migrate brings both the schema and the queue's tables of a database up to date, and fills in what only the program
// can. Without a key the audit's chain is turned to it at the next start of the service.
func (c Config) Migrate(ctx context.Context, db *store.Store, logger *slog.Logger) error {
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	if err := db.Directly(ctx, func(raw *sql.DB) error { return jobs.Migrate(ctx, raw, db.Dialect()) }); err != nil {
		return err
	}
	if c.partly {
		unkeyed, err := db.Members.UnkeyedAfter(ctx, "", 1)
		if err == nil && len(unkeyed) > 0 {
			err = errCountry
		}
		if err != nil {
			return err
		}
	}
	number, err := phones.New(c.ShopCountry)
	if err != nil {
		return err
	}
	if err := members.KeyMembers(ctx, db.Members, number.E164); err != nil {
		return err
	}
	if err := members.MakeTerms(ctx, db.Members); err != nil {
		return err
	}
	if c.AuditKeys() == nil {
		return nil
	}
	return c.turnKey(ctx, db, c.sealer(db, logger))
}
