package commands

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain/members"
	"pointbridge/integrations/memberfile"
	"pointbridge/templates"
)

// The exit codes of `members import`, beside 0 for a file that was taken whole.
const (
	exitRefused  = 1
	exitNotAsked = 2
)

// importOptions are the flags of `members import`.
type importOptions struct {
	data, by, encoding, from, report, language string
	dry                                        bool
}

func membersImportCommand(environ []string) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Take members over from a table, row by row",
		Long: "Links members of the POS to customers of the shop, and takes over what is known of them. The first row names the\n" +
			"columns: " + strings.Join(memberfile.Columns(), ", ") + ".\n" +
			"Only member_number has to be there; an empty cell leaves what is known. A row without shopify_customer_id is linked\n" +
			"by its e-mail or phone only where --by says so. UTF-8 and Shift_JIS are told apart; what is not certain is refused.\n" +
			"Rows that need somebody are written to a report, and all others are taken. The same file again changes nothing\n" +
			"more, so a run that was stopped is simply run again. Try it with --dry-run first.\n" +
			"Exit code: 0 when all rows were taken, 1 when some were refused, 2 when the shop did not answer about some.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runMembersImport(cmd, environ, args[0], o)
		},
	}
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "ask everything and change nothing")
	cmd.Flags().StringVar(&o.by, "by", string(members.KeyID), "find customers of the shop by: id, email or phone")
	cmd.Flags().StringVar(&o.encoding, "encoding", "", "utf-8 or shift_jis, where the file does not tell")
	cmd.Flags().StringVar(&o.from, "from", "", "smaregi, for the table of members as Smaregi writes it")
	cmd.Flags().StringVar(&o.report, "report", "", "where the rows go that need somebody; FILE.report.csv without it")
	cmd.Flags().StringVar(&o.language, "language", "", "ja or en; without it that of the terminal, or the shop's")
	withData(cmd, &o.data)
	return cmd
}

func (o importOptions) check() error {
	switch o.by {
	case string(members.KeyID), string(members.KeyEmail), string(members.KeyPhone):
	default:
		return fmt.Errorf("--by is id, email or phone, not %q", o.by)
	}
	switch o.from {
	case "", memberfile.Smaregi:
	default:
		return fmt.Errorf("--from is %s, not %q", memberfile.Smaregi, o.from)
	}
	switch o.encoding {
	case "", memberfile.UTF8, memberfile.ShiftJIS:
	default:
		return fmt.Errorf("--encoding is %s or %s, not %q", memberfile.UTF8, memberfile.ShiftJIS, o.encoding)
	}
	return nil
}

func runMembersImport(cmd *cobra.Command, environ []string, path string, o importOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	rows, err := readMembers(path, o)
	if err != nil {
		return err
	}
	var sum members.Imported
	err = withApp(cmd, environ, o.data, func(a *app.App) (err error) {
		say, err := speaker(cmp.Or(o.language, languageOf(environ)), a.Config.ShopLocale)
		if err != nil {
			return err
		}
		sum, err = importMembers(cmd, a, say, rows, path, o)
		return err
	})
	switch {
	case err != nil:
		return err
	case sum.NotAsked > 0:
		return &exitError{code: exitNotAsked}
	case sum.Refused > 0:
		return &exitError{code: exitRefused}
	}
	return nil
}

func readMembers(path string, o importOptions) ([]members.Row, error) {
	file, err := os.Open(path) //nolint:gosec // it is the file that somebody at the machine names
	if err != nil {
		return nil, err
	}
	rows, err := memberfile.Read(file, o.encoding, o.from)
	return rows, errors.Join(err, file.Close())
}

// importMembers takes the rows over and writes the report, also of a run that is stopped.
func importMembers(cmd *cobra.Command, a *app.App, say func(string, ...any) string, rows []members.Row, path string,
	o importOptions) (members.Imported, error) {
	where := cmp.Or(o.report, strings.TrimSuffix(path, filepath.Ext(path))+".report.csv")
	report, err := newReport(where, say)
	if err != nil {
		return members.Imported{}, err
	}
	bar := newProgress(cmd.ErrOrStderr())
	importer := &members.Importer{Members: a.Members, Shop: a.Shop.Background(), Caller: operator,
		By: members.Key(o.by), Dry: o.dry, Told: report.add, Progress: func(done, of int) {
			bar.at(int64(done), int64(of), say("import.progress", done, of))
		}}
	sum, err := importer.Run(cmd.Context(), rows)
	bar.end()
	if closed := report.close(); err != nil || closed != nil {
		return sum, errors.Join(err, closed)
	}
	out := &linePrinter{w: cmd.OutOrStdout()}
	if o.dry {
		out.line("%s", say("import.dry"))
	}
	out.line("%s", say("import.sum", sum.Rows, sum.New, sum.Changed, sum.Same, sum.Refused, sum.NotAsked))
	if report.rows > 0 {
		out.line("%s", say("import.report", where))
	}
	if sum.NotAsked > 0 {
		out.line("%s", say("import.again"))
	}
	return sum, out.err
}

// languageOf is the language of whoever is at the machine, as their terminal says.
func languageOf(environ []string) string {
	set := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		set[name] = value
	}
	locale := cmp.Or(set["LC_ALL"], set["LC_MESSAGES"], set["LANG"])
	language, _, _ := strings.Cut(locale, "_")
	if language != "ja" && language != "en" {
		return "" // C, POSIX and the like say nothing
	}
	return language
}

// speaker words what is said in a language.
func speaker(language, otherwise string) (func(key string, figures ...any) string, error) {
	words, err := templates.Texts()
	if err != nil {
		return nil, err
	}
	language = cmp.Or(language, otherwise)
	if !words.Has(language) {
		return nil, fmt.Errorf("--language is ja or en, not %q", language)
	}
	return func(key string, figures ...any) string {
		for i, f := range figures {
			figures[i] = fmt.Sprint(f)
		}
		text, err := words.Say(language, key, figures...)
		if err != nil {
			return key
		}
		return text
	}, nil
}
