package main

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
		privacyAct(environ, "export ID", "Write everything that is held about the person of a request, as JSON", exportPrivacy),
		privacyAct(environ, "erase ID", "Forget the person of an open request, also one who is linked to another customer by now", erasePrivacy),
		privacyAct(environ, "done ID", "Close a request that has been answered", donePrivacy))
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
			return withPrivacy(cmd.Context(), environ, data, func(s *privacy.Service) error {
				list, err := s.List(cmd.Context(), !all, mostRequests)
				if err != nil {
					return err
				}
				return printRequests(cmd.OutOrStdout(), list)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also those that are closed")
	withData(cmd, &data)
	return cmd
}

func privacyAct(environ []string, use, short string, act func(*cobra.Command, *privacy.Service, int64) error) *cobra.Command {
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
			return withPrivacy(cmd.Context(), environ, data, func(s *privacy.Service) error { return explainPrivacy(act(cmd, s, id)) })
		},
	}
	withData(cmd, &data)
	return cmd
}

func withPrivacy(ctx context.Context, environ []string, data string, do func(*privacy.Service) error) error {
	return withStore(ctx, environ, data, func(db *store.Store) error {
		return do(&privacy.Service{Store: db, Clock: domain.SystemClock{}, Logger: slog.New(slog.DiscardHandler)})
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
	out := json.NewEncoder(cmd.OutOrStdout())
	out.SetIndent("", "  ")
	return out.Encode(list)
}

func erasePrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	if err := s.Erase(cmd.Context(), id, operator); err != nil {
		return err
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), "Forgotten.")
	return err
}

func donePrivacy(cmd *cobra.Command, s *privacy.Service, id int64) error {
	if err := s.Done(cmd.Context(), id, operator); err != nil {
		return err
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), "Closed.")
	return err
}

func printRequests(out io.Writer, list []privacy.Request) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tKIND\tSTATUS\tREASON\tCUSTOMER\tREQUESTED\tDUE")
	for _, r := range list {
		status := "closed"
		if r.Open {
			status = "open"
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Kind, status, r.Reason, r.CustomerGID,
			r.RequestedAt.Format(time.RFC3339), r.DueAt.Format(time.RFC3339))
	}
	return w.Flush()
}
