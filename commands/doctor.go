package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/doctor"
	"pointbridge/templates"
)

// doctorOrder is what the command was told.
type doctorOrder struct {
	data, language, mailTo string
	asJSON, public         bool
}

func doctorCommand(environ []string) *cobra.Command {
	var o doctorOrder
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Ask everything that the service depends on, before customers do",
		Long: "Asks the settings, the database, Shopify, the POS, the mail server and the public address, and says of each\n" +
			"what was found and what to do. Nothing is changed anywhere; a mail is sent only with --mail-to.\n" +
			"Outcomes: ok, warning, fault, unknown (asked, and not answered) and not asked.\n" +
			"Exit code: 0 when nothing is at fault or unknown, else 1.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd, environ, o) },
	}
	cmd.Flags().StringVar(&o.mailTo, "mail-to", "", "send a test mail to this address")
	cmd.Flags().BoolVar(&o.public, "public", false, "ask PUBLIC_URL whether this service answers there")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print one JSON document")
	cmd.Flags().StringVar(&o.language, "language", terminalLanguage(environ), "language of the answers: en or ja")
	withData(cmd, &o.data)
	return cmd
}

// terminalLanguage is the terminal's language, if there are texts in it.
func terminalLanguage(environ []string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := app.ValueOf(environ, name); value != "" {
			if strings.HasPrefix(value, "ja") {
				return "ja"
			}
			break
		}
	}
	return "en"
}

func runDoctor(cmd *cobra.Command, environ []string, o doctorOrder) error {
	words, err := templates.Texts()
	if err != nil {
		return err
	}
	if !words.Has(o.language) {
		return errors.New("--language must be one of: " + strings.Join(templates.Locales(), ", "))
	}
	if _, ok := domain.ReadMailAddress(o.mailTo); o.mailTo != "" && !ok {
		return errors.New("--mail-to is not a mail address")
	}
	cfg, unset := commandConfig(environ, o.data)
	e := app.NewExamination(cfg, unset)
	e.MailTo, e.Language, e.AskPublic = o.mailTo, o.language, o.public
	speaker := doctorSpeaker{words: words, language: o.language, out: cmd.OutOrStdout()}
	tell := speaker.line
	if o.asJSON {
		tell = func(doctor.Line) error { return nil }
	}
	report := doctor.Run(cmd.Context(), e.Checks(), func(l doctor.Line) { err = errors.Join(err, tell(l)) })
	if o.asJSON {
		err = errors.Join(err, speaker.document(report))
	} else {
		err = errors.Join(err, speaker.summary(report))
		if more := whereSettingsStand(cmd, unset); more != "" {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), more)
		}
	}
	if err = errors.Join(err, e.Close()); err != nil {
		return err
	}
	if !report.Healthy() {
		return &exitError{code: 1}
	}
	return nil
}

// doctorSpeaker writes findings in one language.
type doctorSpeaker struct {
	words    *templates.Catalogue
	language string
	out      io.Writer
}

// doctorLine is a line for programs.
type doctorLine struct {
	Check    doctor.Name     `json:"check"`
	Outcome  doctor.Outcome  `json:"outcome"`
	Sentence doctor.Sentence `json:"sentence"`
	Text     string          `json:"text"`
	Do       string          `json:"do,omitempty"`
	Figures  map[string]any  `json:"figures,omitempty"`
}

// say fills a sentence, and what to do about it.
func (s doctorSpeaker) say(l doctor.Line) (text, do string, err error) {
	figures := map[string]any{}
	for name, value := range l.Figures {
		switch v := value.(type) {
		case []string:
			figures[name] = strings.Join(v, "; ")
		case doctor.Name:
			if figures[name], err = s.words.Say(s.language, "doctor.check."+string(v)); err != nil {
				return "", "", err
			}
		default:
			figures[name] = v
		}
	}
	if text, err = s.words.Fill(s.language, "doctor.says."+string(l.Sentence), figures); err != nil {
		return "", "", err
	}
	if l.Outcome() != doctor.OK {
		do, err = s.words.Fill(s.language, "doctor.do."+string(l.Sentence), figures)
	}
	return text, do, err
}

// line prints one check: its outcome, its name, what was found, and what to do.
func (s doctorSpeaker) line(l doctor.Line) error {
	text, do, err := s.say(l)
	if err != nil {
		return err
	}
	outcome, err := s.words.Say(s.language, "doctor.is."+string(l.Outcome()))
	if err != nil {
		return err
	}
	name, err := s.words.Say(s.language, "doctor.check."+string(l.Name))
	if err != nil {
		return err
	}
	if do != "" {
		text += " → " + do
	}
	_, err = fmt.Fprintf(s.out, "%-9s %s: %s\n", outcome, name, oneLine(text))
	return err
}

// oneLine keeps what others said from beginning a line of its own.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// summary comes last and names what is bad once more: the lines of it have scrolled away by then.
func (s doctorSpeaker) summary(r doctor.Report) error {
	key, bad := "doctor.summary.good", []any(nil)
	if !r.Healthy() {
		names := []string{}
		for _, l := range r.Bad() {
			name, err := s.words.Say(s.language, "doctor.check."+string(l.Name))
			if err != nil {
				return err
			}
			names = append(names, name)
		}
		key, bad = "doctor.summary.bad", []any{strings.Join(names, ", ")}
	}
	text, err := s.words.Say(s.language, key, bad...)
	if err == nil {
		_, err = fmt.Fprintln(s.out, text)
	}
	return err
}

func (s doctorSpeaker) document(r doctor.Report) error {
	document := struct {
		Healthy bool         `json:"healthy"`
		Checks  []doctorLine `json:"checks"`
	}{Healthy: r.Healthy(), Checks: []doctorLine{}}
	for _, l := range r {
		text, do, err := s.say(l)
		if err != nil {
			return err
		}
		document.Checks = append(document.Checks, doctorLine{l.Name, l.Outcome(), l.Sentence, text, do, l.Figures})
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(document)
}
