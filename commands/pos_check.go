package commands

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/store"
)

// posCheck is what the command was told.
type posCheck struct {
	member, data        string
	asJSON, withoutBook bool
}

func posCheckCommand(environ []string) *cobra.Command {
	var o posCheck
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try out what the POS keeps of what Pointbridge relies on",
		Long: "Without --member nothing is moved: the POS is asked for somebody who cannot exist. With one its\n" +
			"promises are tried out: a balance, points taken and given back one at a time, repetitions, look-ups,\n" +
			"and once one point more than the member has. Choose a member of your own with 3 to 100 points whom\n" +
			"nobody uses meanwhile; somebody with coupons under way is refused. Each booking is given back under a\n" +
			"linked reference, CHECK-… and RETURN-…; what could not be given back is named exactly. Of the\n" +
			"settings only POS_* have to be there, and with --member DATABASE_URL, unless there are no books yet\n" +
			"(--without-books).\n" +
			"Exit code: 0 when what Pointbridge relies on by the settings holds, 1 when it does not, 2 when it\n" +
			"cannot be told.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPOSCheck(cmd, environ, o) },
	}
	cmd.Flags().StringVar(&o.member, "member", "", "id of a member in the POS, with 3 to 100 points")
	cmd.Flags().BoolVar(&o.withoutBook, "without-books", false,
		"ask no database whether the member has coupons under way: for a POS that is not connected yet")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON document")
	withData(cmd, &o.data)
	return cmd
}

func runPOSCheck(cmd *cobra.Command, environ []string, o posCheck) error {
	ctx, books := cmd.Context(), o.member != "" && !o.withoutBook
	cfg, err := posConfig(environ, o.data, books)
	if err != nil {
		return &exitError{exitUntold, err}
	}
	if books {
		err = withBooks(ctx, cfg, func(db *store.Store) error { return app.AtRest(ctx, db, o.member) })
		if err != nil {
			return &exitError{exitUntold, err}
		}
	}
	report, err := cfg.CheckPOS(ctx, o.member, func(name string) {
		say(cmd.ErrOrStderr(), "Moving single points of the member. References begin with CHECK-%s and RETURN-%s.",
			name, name)
	})
	if err != nil {
		return &exitError{exitUntold, err}
	}
	pos, err := cfg.AskedPOS()
	if err != nil {
		return &exitError{exitUntold, err}
	}
	set := pos.Promised
	if o.member == "" {
		set = coupons.Capabilities{}
	}
	if o.asJSON {
		err = checkJSON(cmd.OutOrStdout(), report, set)
	} else {
		checkText(cmd.OutOrStdout(), cfg, report, set, o.member != "")
	}
	switch {
	case err != nil:
		return err
	case len(report.Broken(set)) > 0:
		return &exitError{code: exitNotKept}
	case len(report.Open(set)) > 0:
		return &exitError{code: exitUntold}
	default:
		return nil
	}
}

func checkText(w io.Writer, cfg app.Config, r poscheck.Report, set coupons.Capabilities, moved bool) {
	for _, f := range r.Findings {
		said := ""
		if f.Err != nil {
			said = " (" + cause(f.Err) + ")"
		}
		say(w, "%-9s %-17s %s%s", f.Verdict, f.Check, f.Sentence.Text(), said)
	}
	for _, o := range r.Owed {
		say(w, "OWED: %s", owedText(o))
	}
	if !moved {
		say(w, "Nothing was moved. To try out what the POS keeps: pointbridge pos check --member ID")
		return
	}
	if r.Before != nil && r.After != nil {
		say(w, "The balance was %d and is %d.", *r.Before, *r.After)
	}
	if len(r.Open(set)) == 0 { // what was not tried out is no ground to change a setting
		sayFollows(w, cfg, r.Capabilities(), set)
	}
	switch broken, open := r.Broken(set), r.Open(set); {
	case len(broken) > 0:
		say(w, "NOT KEPT: %s.", listed(broken))
	case len(open) > 0:
		say(w, "NOT TOLD: %s. No setting follows from this run.", listed(open))
	default:
		say(w, "The POS keeps what Pointbridge relies on by these settings.")
	}
}

// sayFollows says which settings fit what was found, beside those that are set.
func sayFollows(w io.Writer, cfg app.Config, follow, set coupons.Capabilities) {
	if cfg.POSKind == "generic" {
		say(w, "What follows: POS_REPLAY=%s POS_LOOKUP=%s. Set is: POS_REPLAY=%s POS_LOOKUP=%s.", replayWord(follow),
			follow.Lookup, replayWord(set), set.Lookup)
		return
	}
	say(w, "What follows: replay %s, look-up %s. POS_KIND=%s relies on: replay %s, look-up %s.", replayWord(follow),
		follow.Lookup, cfg.POSKind, replayWord(set), set.Lookup)
}

func replayWord(c coupons.Capabilities) string {
	if c.Replay {
		return "key"
	}
	return "none"
}

// owedText says what has to be put right, and how one sees whether it has to.
func owedText(o poscheck.Owed) string {
	act, points := "give the member", o.Points
	if points < 0 {
		act, points = "take from the member", -points
	}
	text := act + " " + counted(points)
	switch {
	case o.Sure:
		return text + ": " + o.Reference + " was booked and was not given back"
	case o.Return == "":
		return text + " if " + o.Reference + " stands in the POS's history and nothing gives it back"
	default:
		return text + " unless " + o.Return + " stands in the POS's history: it gives " + o.Reference + " back"
	}
}

// checkDocument is a check for programs.
type checkDocument struct {
	Name     string         `json:"name"`
	Findings []checkFinding `json:"findings"`
	Owed     []checkOwed    `json:"owed"`
	Before   *int64         `json:"balance_before"`
	After    *int64         `json:"balance_after"`
	Follows  checkSettings  `json:"follows"`
	Set      checkSettings  `json:"set"`
	NotKept  []string       `json:"not_kept"`
	NotTold  []string       `json:"not_told"`
}

type checkFinding struct {
	Check    poscheck.Check    `json:"check"`
	Verdict  poscheck.Verdict  `json:"verdict"`
	Reason   poscheck.Sentence `json:"reason"`
	Sentence string            `json:"sentence"`
	Cause    string            `json:"cause,omitempty"`
}

type checkOwed struct {
	Reference string `json:"reference"`
	Return    string `json:"return,omitempty"`
	Points    int64  `json:"points"`
	Sure      bool   `json:"sure"`
	Sentence  string `json:"sentence"`
}

type checkSettings struct {
	Replay string `json:"POS_REPLAY"`
	Lookup string `json:"POS_LOOKUP"`
}

func checkJSON(w io.Writer, r poscheck.Report, set coupons.Capabilities) error {
	follow := r.Capabilities()
	d := checkDocument{Name: r.Name, Findings: []checkFinding{}, Owed: []checkOwed{}, Before: r.Before, After: r.After,
		Follows: checkSettings{replayWord(follow), string(follow.Lookup)},
		Set:     checkSettings{replayWord(set), string(set.Lookup)},
		NotKept: words(r.Broken(set)), NotTold: words(r.Open(set))}
	for _, f := range r.Findings {
		d.Findings = append(d.Findings, checkFinding{f.Check, f.Verdict, f.Sentence, f.Sentence.Text(), cause(f.Err)})
	}
	for _, o := range r.Owed {
		d.Owed = append(d.Owed, checkOwed{o.Reference, o.Return, o.Points, o.Sure, owedText(o)})
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

func words(checks []poscheck.Check) []string {
	list := []string{}
	for _, c := range checks {
		list = append(list, string(c))
	}
	return list
}
