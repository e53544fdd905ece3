package repository

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
)

// TestAuditActionsAreConstants: an action that is spelled out somewhere has no words, no filter and no owner.
func TestAuditActionsAreConstants(t *testing.T) {
	t.Parallel()
	actions := domain.AuditActions()
	if slices.Sort(actions); len(slices.Compact(slices.Clone(actions))) != len(actions) {
		t.Error("an action stands in the list twice")
	}
	sources(t, func(path, source string) {
		// Kinds of event are words for others, which stay as they are whatever becomes of the audit's.
		if path == "domain/audit_actions.go" || path == "domain/events/event.go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path,
			"integrations/sim/") || strings.HasPrefix(path, "test/") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, is := n.(*ast.BasicLit)
			if !is || literal.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(literal.Value); err == nil && slices.Contains(actions, text) {
				t.Errorf("%s: %q is spelled out", set.Position(literal.Pos()), text)
			}
			return true
		})
	})
}
