package commands

import (
	"encoding/json"
	"io"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/scan"
)

// scanDocument is a look back for programs.
type scanDocument struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Days     int             `json:"days"`
	Uses     int             `json:"uses"`
	Orders   int             `json:"orders"`
	LeftOut  map[string]int  `json:"left_out"`
	Withheld []identity.Kind `json:"withheld"`
	By       []scanKind      `json:"by"`
	Presets  []scanPreset    `json:"presets"`
	Formula  string          `json:"loss_formula"`
	Clusters []scanCluster   `json:"clusters"`
}

type scanLoss struct {
	Uses     int    `json:"uses"`
	Sum      string `json:"sum"`
	Month    string `json:"month"`
	Currency string `json:"currency"`
	Unknown  int    `json:"orders_of_unknown_amount"`
}

type scanKind struct {
	Kind   identity.Kind `json:"kind"`
	People int           `json:"people"`
	Uses   int           `json:"uses"`
	Again  int           `json:"beyond_the_first"`
	Loss   scanLoss      `json:"loss"`
}

type scanPreset struct {
	Preset  decisions.Preset `json:"preset"`
	Allowed int              `json:"allowed"`
	Flagged int              `json:"flagged"`
	Refused int              `json:"refused"`
	Loss    scanLoss         `json:"loss"`
}

type scanCluster struct {
	Family string          `json:"family"`
	Kinds  []identity.Kind `json:"kinds"`
	Loss   scanLoss        `json:"loss"`
	Uses   []scanUse       `json:"uses"`
}

type scanUse struct {
	Order     string             `json:"order"`
	OrderID   string             `json:"order_id"`
	At        time.Time          `json:"at"`
	Code      string             `json:"code"`
	RefusedBy []decisions.Preset `json:"refused_by"`
}

const lossFormula = "discounts of the orders beyond a person's first, each order once; month = sum x 30 / days"

func lossDocument(l scan.Loss) scanLoss {
	return scanLoss{Uses: l.Uses, Sum: l.Sum.Decimal(), Month: l.Month.Decimal(), Currency: l.Sum.Currency,
		Unknown: l.Unknown}
}

func scanJSON(out io.Writer, r scan.Report) error {
	d := scanDocument{From: r.From, To: r.To, Days: r.Days, Uses: r.Uses, Orders: r.Orders, Formula: lossFormula,
		LeftOut:  map[string]int{"points": r.LeftOut.Points, "void": r.LeftOut.Void, "test": r.LeftOut.Test},
		Withheld: append([]identity.Kind{}, r.Withheld...), Clusters: []scanCluster{}}
	for _, k := range r.By {
		d.By = append(d.By, scanKind{k.Kind, k.Clusters, k.Uses, k.Again, lossDocument(k.Loss)})
	}
	for _, p := range r.Presets {
		d.Presets = append(d.Presets, scanPreset{p.Preset, p.Allowed, p.Flagged, p.Refused, lossDocument(p.Loss)})
	}
	for _, c := range r.Clusters {
		one := scanCluster{Family: c.Family, Kinds: c.Kinds, Loss: lossDocument(c.Loss)}
		for _, u := range c.Uses {
			one.Uses = append(one.Uses, scanUse{u.Order, u.OrderID, u.At, u.Code,
				append([]decisions.Preset{}, u.RefusedBy...)})
		}
		d.Clusters = append(d.Clusters, one)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
