package members

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pointbridge/domain"
)

// Importer takes the rows of a file over. Its fields are set once.
type Importer struct {
	Members *Service
	Shop    Shop
	Caller  domain.Caller
	// By is what a row without an id of the shop is found by.
	By Key
	// Dry asks everything and changes nothing.
	Dry bool
	// Told is called for each row that was not, or not wholly, taken; Progress after each part of the file.
	Told     func(Finding)
	Progress func(done, of int)
}

// Finding is a row that was not, or not wholly, taken.
type Finding struct {
	Line   int
	Number string
	Reason Reason
}

// Imported counts what became of the rows.
type Imported struct{ Rows, New, Changed, Same, Refused, NotAsked int }

// Run takes the rows over in their order. An error ends it; what was taken until then stays, and the same file again
// goes on from there.
func (im *Importer) Run(ctx context.Context, rows []Row) (Imported, error) {
	sum := Imported{Rows: len(rows)}
	list := make([]candidate, len(rows))
	for i, row := range rows {
		list[i] = im.read(row)
	}
	twice(list)
	for from := 0; from < len(list); from += importBatch {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		part := list[from:min(from+importBatch, len(list))]
		if err := im.part(ctx, part, &sum); err != nil {
			return sum, err
		}
		im.Progress(from+len(part), len(list))
	}
	return sum, nil
}

// part asks about a part of the file and then takes its rows over.
func (im *Importer) part(ctx context.Context, part []candidate, sum *Imported) error {
	known := make([]*domain.Customer, len(part))
	for i := range part {
		if part[i].reason != "" {
			continue
		}
		c, err := im.Members.Members.Customer(ctx, part[i].link.CustomerID)
		switch {
		case err == nil:
			known[i] = &c
		case !errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}):
			return err
		}
	}
	if err := im.lostZeros(ctx, part, known); err != nil {
		return err
	}
	for _, by := range []Key{KeyID, KeyEmail, KeyPhone} {
		if err := im.ask(ctx, by, part, known); err != nil {
			return err
		}
	}
	for i := range part {
		if err := im.take(ctx, part[i], known[i], sum); err != nil {
			return err
		}
	}
	return nil
}

// unasked reports whether the shop has nothing to say about a row: a link that stands is believed, and what a mail
// address or a phone number would say now does not change it.
func (c candidate) unasked(by Key, known *domain.Customer) bool {
	return c.reason != "" || c.key != by || known != nil && known.Linked() &&
		(by != KeyID || known.ShopifyCustomerGID == c.text)
}

// ask finds the rows' customers in the shop. A question without an answer refuses nothing.
func (im *Importer) ask(ctx context.Context, by Key, part []candidate, known []*domain.Customer) error {
	var open []*candidate
	for i := range part {
		if !part[i].unasked(by, known[i]) {
			open = append(open, &part[i])
		}
	}
	return im.askFor(ctx, by, open)
}

func (im *Importer) askFor(ctx context.Context, by Key, open []*candidate) error {
	if len(open) == 0 {
		return nil
	}
	keys := make([]string, len(open))
	for i, c := range open {
		keys[i] = c.text
	}
	found, more, err := im.Shop.FindCustomers(ctx, by, keys)
	switch kind := domain.KindOf(err); {
	case err != nil && (kind == domain.KindRefused || kind == domain.KindAuth):
		return fmt.Errorf("the shop does not show its customers by %s: %w", by, err)
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		for _, c := range open {
			c.reason = NotAsked
		}
		return nil
	case more && len(open) > 1: // the list was too short for all of them
		half := len(open) / 2
		return errors.Join(im.askFor(ctx, by, open[:half]), im.askFor(ctx, by, open[half:]))
	}
	for _, c := range open {
		im.answer(c, found, more)
	}
	return nil
}

// answer is what the shop's list says of a row. The shop's search finds more than was asked for.
func (im *Importer) answer(c *candidate, found []ShopCustomer, more bool) {
	fits := map[string]bool{}
	for _, s := range found {
		if im.fits(*c, s) {
			fits[s.GID] = true
		}
	}
	switch {
	case len(fits) > 1, len(fits) == 1 && more:
		c.reason = SeveralInShop
	case len(fits) == 0 && more:
		c.reason = NotAsked
	case len(fits) == 0:
		c.reason = UnknownInShop
	default:
		for gid := range fits {
			c.link.ShopifyCustomerGID = &gid
		}
	}
}

func (im *Importer) fits(c candidate, s ShopCustomer) bool {
	switch c.key {
	case KeyID:
		return s.GID == c.text
	case KeyEmail:
		return strings.ToLower(s.Email) == c.text
	case KeyPhone:
		return s.Phone != "" && im.Members.Phone(s.Phone) == c.text
	}
	return false
}

// take makes one row's change, and counts what became of it.
func (im *Importer) take(ctx context.Context, c candidate, known *domain.Customer, sum *Imported) error {
	if c.reason == "" && known != nil && !c.link.changes(*known) {
		sum.Same++
		im.noted(c)
		return nil
	}
	if c.reason == "" {
		err := im.link(ctx, c)
		if reason, theirs := refusedRow(err); theirs {
			c.reason = reason
		} else if err != nil {
			return err
		}
	}
	switch {
	case c.reason == NotAsked:
		sum.NotAsked++
	case c.reason != "":
		sum.Refused++
	case known == nil:
		sum.New++
	default:
		sum.Changed++
	}
	im.noted(c)
	return nil
}

func (im *Importer) noted(c candidate) {
	for _, reason := range []Reason{c.reason, c.note} {
		if reason != "" {
			im.Told(Finding{Line: c.row.Line, Number: c.row.Number, Reason: reason})
			return
		}
	}
}

// link changes the member, or only asks what would refuse it.
func (im *Importer) link(ctx context.Context, c candidate) error {
	if !im.Dry {
		_, _, err := im.Members.Link(ctx, c.link)
		return err
	}
	if _, err := im.Members.Numbers.HolderOf(ctx, c.link.CustomerID); err == nil {
		return domain.Refuse(domain.CodeRenumbered)
	} else if domain.CodeOf(err) != domain.CodeCustomerNotFound {
		return err
	}
	if c.link.ShopifyCustomerGID == nil {
		return nil
	}
	holder, err := im.Members.Members.CustomerByGID(ctx, *c.link.ShopifyCustomerGID)
	switch {
	case err == nil && holder.ID != c.link.CustomerID:
		return domain.Refuse(domain.CodeCustomerAlreadyLinked)
	case err != nil && domain.CodeOf(err) != domain.CodeCustomerNotFound:
		return err
	}
	return nil
}
