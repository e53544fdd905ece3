package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// movedByRows names the tables in which one more row moves a column: on a slow line that row comes after the others
// were shown. Tables of a few rows that are always the same say so.
const movedByRows = `(() => {
	const what = table => (table.caption?.textContent || table.className).trim(), rows = table => table.tBodies[0]?.rows ?? [];
	const columns = ([table]) => [...rows(table)[0].cells].map(c => Math.round(c.getBoundingClientRect().left)).join(" ");
	const all = [...document.querySelectorAll("table")].filter(t => getComputedStyle(t).display === "table" &&
		t.getClientRects().length && rows(t).length);
	const tables = all.filter(t => !t.matches(".few")).map(t => [t, rows(t)[0].cloneNode(true)]), before = tables.map(columns);
	for (const [table, more] of tables) {
		for (const cell of more.cells) cell.innerHTML = '<span class="code">' + "MMMMMMMMMM".repeat(5) + "</span>";
		table.tBodies[0].append(more);
	}
	const after = tables.map(columns);
	tables.forEach(([, more]) => more.remove());
	return [...all.filter(t => t.matches(".few") && rows(t).length > 12).map(t => what(t) + " has more than a few rows"),
		...tables.map(([t], i) => before[i] === after[i] ? "" : what(t) + ": " + before[i] + " goes to " + after[i]).filter(Boolean)];
	})()`

// columns holds the tables of a page to columns that stay where they are while rows come.
func (b *tab) columns(name string) {
	b.t.Helper()
	for _, what := range ask(b, chromedp.Evaluate[[]string](movedByRows)) {
		b.t.Errorf("%s %s: rows to come would move the columns of the table: %s", name, b.look, what)
	}
}

// TestBrowserColumns: columns that one more row would move are found, and so is a table of few rows that has many.
func TestBrowserColumns(t *testing.T) {
	t.Parallel()
	b := openTab(t, "data:", look{lang: "en", width: 768})
	for style, want := range map[string]int{"": 1, "table{table-layout:fixed;width:100%25}": 0, "table,tbody,tr,td{display:block}": 0,
		"table{display:none}": 0} {
		b.open("text/html,<!doctype html><style>" + style + "</style><table><tbody><tr><td>one<td>two</table>")
		if found := ask(b, chromedp.Evaluate[[]string](movedByRows)); len(found) != want {
			t.Errorf("with %q: %q", style, found)
		}
	}
	for rows, want := range map[string]int{"<tr><td>one<td>two": 0, strings.Repeat("<tr><td>one", 13): 1} {
		b.open("text/html,<!doctype html><table class=few><tbody>" + rows + "</table>")
		if found := ask(b, chromedp.Evaluate[[]string](movedByRows)); len(found) != want {
			t.Errorf("a table of few rows, with %q: %q", rows, found)
		}
	}
}
