package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
	"pointbridge/integrations/store"
)

// mostRequests bounds a list of privacy requests.
const mostRequests = 1000

// operator is who runs commands.
var operator = domain.Caller{ID: "operator", Name: "operator", Credential: "command"}

func privacyCommand(environ []string) *cobra.Command {
	cmd := &cobra.Command{Use: "privacy", Short: "What people asked to be told or forgotten"}
	cmd.AddCommand(privacyListCommand(environ),
		privacyAct(environ, "export ID", "Write everything that is held about the person of a request, as JSON",
			true, exportPrivacy),
		privacyAct(environ, "erase ID",
			"Forget whom an open request is about, also a member who is linked to another customer by now; many are announced first",
			true, erasePrivacy),
		privacyAct(environ, "stop ID", "Stop an erasure that is announced or under way", false, stopPrivacy),
		privacyAct(environ, "done ID", "Close a request that has been answered", true, donePrivacy))
	return cmd
}

func privacyListCommand(environ []string) *cobra.Command {
	var data string
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the requests that wait for a person, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPrivacy(cmd.Context(), environ, data, false, func(s *privacy.Service) error {
				list, err := s.List(cmd.Context(), !all, mostRequests)
				if err != nil {
					return err
				}
				return printRequests(cmd.OutOrStdout(), s, list)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also those that are closed")
	withData(cmd, &data)
	return cmd
}

// privacyAct is something that is done to a request; keyed says that it makes or finds digests.
func privacyAct(environ []string, use, short string, keyed bool, act func(*cobra.Command, *privacy.Service,
	int64) error) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the number of a request", args[0])
			}
			return withPrivacy(cmd.Context(), environ, data, keyed,
				func(s *privacy.Service) error { return explainPrivacy(act(cmd, s, id)) })
		},
	}
	withData(cmd, &data)
	return cmd
}

// withPrivacy works on the database alone, or with the keys that digests were made with: with other ones somebody would be
// called forgotten who is not.
func withPrivacy(ctx context.Context, environ []string, data string, keyed bool, do func(*privacy.Service) error) error {
	settings := databaseConfig
	if keyed {
		settings = keyedConfig
	}
	cfg, err := settings(environ, data)
	if err != nil {
		return err
	}
	return withBooks(ctx, cfg, func(db *store.Store) error {
		if keyed {
			if err := cfg.KeepIdentityKeys(ctx, db); err != nil {
				return err
			}
		}
		return do(cfg.Privacy(db, domain.SystemClock{}, slog.New(slog.DiscardHandler)))
	})
}

func explainPrivacy(err error) error {
	var refused *domain.Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case domain.CodeNotFound:
		return errors.New("there is no such request")
	case domain.CodeValidation:
		return errors.New("this request does not ask to be forgotten, or is closed")
	default:
		return err
	}
}

func exportPrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	list, err := s.Export(cmd.Context(), id)
	if err != nil {
		return err
	}
	if err := s.RecordExport(cmd.Context(), id, list, operator); err != nil {
		return err
	}
	out := json.NewEncoder(cmd.OutOrStdout())
	out.SetIndent("", "  ")
	return out.Encode(list)
}

func erasePrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	r, err := s.Erase(cmd.Context(), id, operator)
	if err != nil {
		return err
	}
	text := "Forgotten."
	if r.Open {
		text = fmt.Sprintf("Announced: %d members will be forgotten, not before %s. To stop it: pointbridge privacy stop %d", r.Members,
			s.NotBefore(r).Format(time.RFC3339), r.ID)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}

func stopPrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	if err := s.Stop(cmd.Context(), id, operator); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(),
		"Stopped. Nobody is forgotten for it unless you run: pointbridge privacy erase %d\n", id)
	return err
}

func donePrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	if err := s.Done(cmd.Context(), id, operator); err != nil {
		return err
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), "Closed.")
	return err
}

func printRequests(out io.Writer, s *privacy.Service, list []privacy.Request) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tKIND\tSTATUS\tREASON\tCUSTOMER\tMEMBERS\tNOT BEFORE\tREQUESTED\tDUE")
	for _, r := range list {
		status := "closed"
		if r.Open {
			status = "open"
		}
		members, notBefore := "-", "-"
		if r.AnnouncedAt != nil {
			members, notBefore = strconv.Itoa(r.Members), s.NotBefore(r).Format(time.RFC3339)
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Kind, status, r.Reason, r.CustomerGID,
			members, notBefore, r.RequestedAt.Format(time.RFC3339), r.DueAt.Format(time.RFC3339))
	}
	return w.Flush()
}
