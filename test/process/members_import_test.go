package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"pointbridge/commands"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// importing is a bed with a table of members.
type importing struct {
	*world.Processes
	file string
}

// table writes a file of members, and a report stands beside it afterwards.
func (b *importing) table(t *testing.T, raw []byte) {
	t.Helper()
	b.file = filepath.Join(t.TempDir(), "members.csv")
	if err := os.WriteFile(b.file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *importing) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, faults world.LockedBuffer
	args = append([]string{"members", "import", b.file}, args...)
	if code := commands.Run(t.Context(), args, b.Env, &out, &faults); code != want {
		t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out.String(), faults.String())
	}
	return out.String()
}

func (b *importing) report(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(strings.TrimSuffix(b.file, ".csv") + ".report.csv")
	if os.IsNotExist(err) {
		return ""
	}
	expect.MustEqual(t, "err", err, nil)
	return string(raw)
}

// entries counts what the audit says of members who were linked by the command.
func (b *importing) entries(t *testing.T) (n int) {
	t.Helper()
	if err := b.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM audit
		WHERE action = 'customer.linked' AND actor = 'operator'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// customers are so many shoppers with mail addresses, and the rows that make members of them.
func (b *importing) customers(t *testing.T, n int) string {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("member_number,email,name\n")
	for i := range n {
		gid, email := fmt.Sprintf("gid://shopify/Customer/%d", 5_000_000+i), fmt.Sprintf("m%03d@shoppers.example.com", i)
		if _, err := b.Shopify.AddCustomer(gid, email, "Shopper", "ja"); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(&rows, "M-%03d,%s,山田 %d\n", i, email, i)
	}
	return rows.String()
}

// TestAnImportThatIsKilledGoesOn: the same file again takes the rest, and nothing twice.
func TestAnImportThatIsKilledGoesOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := &importing{Processes: world.NewProcesses(t, db)}
		b.table(t, []byte(b.customers(t, 120)))
		said := b.run(t, 0, "--by", "email", "--dry-run", "--language", "en")
		expect.That(t, "what would be", strings.Contains(said, "120 new"), said)
		expect.Equal(t, "entries of a trial", b.entries(t), 0)

		first := b.Hold("shopify.customers", sim.Before)
		cmd := b.Program("members", "import", b.file, "--by", "email")
		expect.MustEqual(t, "err", cmd.Start(), nil)
		world.Await(t, "the first question", first.Reached)
		second := b.Hold("shopify.customers", sim.Before)
		first.Open()
		world.Await(t, "the second question", second.Reached)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		second.Open()
		before := b.entries(t)
		expect.That(t, "some were taken", before > 0 && before < 120, before)

		said = b.run(t, 0, "--by", "email", "--language", "en")
		expect.That(t, "the rest is taken", strings.Contains(said, fmt.Sprintf("%d new, 0 changed, %d as they were",
			120-before, before)), said)
		said = b.run(t, 0, "--by", "email", "--language", "ja")
		expect.That(t, "once more, nothing is", strings.Contains(said, "変更なし 120"), said)
		expect.Equal(t, "entries", b.entries(t), 120)
	})
}

// TestTheReportOfAnImportSaysWhatAPersonHasToTell in the language of whoever is at the machine; a shop that does not
// answer refuses nothing.
func TestTheReportOfAnImportSaysWhatAPersonHasToTell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := &importing{Processes: world.NewProcesses(t, db)}
		b.customers(t, 2)
		for _, id := range []string{"6000001", "6000002"} {
			if _, err := b.Shopify.AddCustomer(id, "twins@shoppers.example.com", "Twin", "ja"); err != nil {
				t.Fatal(err)
			}
		}
		sjis, err := japanese.ShiftJIS.NewEncoder().String("member_number,shopify_customer_id,email,name\r\n" +
			"２００１,5000000,,佐藤\r\n2002,,twins@shoppers.example.com,=1+1\r\n2003,5000001,,鈴木\r\n2003,,,鈴木\r\n")
		expect.MustEqual(t, "err", err, nil)
		b.table(t, []byte(sjis))
		b.Faults.Add(sim.Rule{Act: "shopify.customers", Mode: sim.Status})
		b.run(t, 2, "--by", "email", "--language", "ja")
		expect.That(t, "not asked", strings.Contains(b.report(t), "もう一度実行してください"), b.report(t))
		b.run(t, 1, "--by", "email", "--language", "ja")
		got := b.report(t)
		for _, part := range []string{"\ufeff行,会員番号", "3,2002,several_in_shop,", "4,2003,member_twice,",
			"5,2003,member_twice,", "顧客IDを指定してください"} {
			expect.That(t, "the report has "+part, strings.Contains(got, part), got)
		}
		expect.That(t, "and what was taken is not in it", !strings.Contains(got, "2001"), got)
		expect.Equal(t, "entries", b.entries(t), 1)

		// What is exported can be imported, and is not changed by it.
		exported := world.Said(t, b.Env, "members", "export")
		expect.That(t, "the mark and the heading", strings.HasPrefix(exported, "\ufeffmember_number,"), exported)
		expect.That(t, "a member", strings.Contains(exported, "2001,5000000,佐藤"), exported)
		b.table(t, []byte(exported))
		said := b.run(t, 0, "--language", "en")
		expect.That(t, "nothing is changed", strings.Contains(said, "0 new, 0 changed"), said)
		b.run(t, 1, "--report", b.file)

		// The table of another program is read where it is said to be one.
		b.table(t, []byte("会員ID,会員コード,姓,名,\"会員状態区分 (0:利用可, 3:退会)\"\n3001,3002,山田,太郎,0\n3002,C-2,佐藤,一,3\n"))
		b.run(t, 1)
		b.run(t, 1, "--from", "another")
		said = b.run(t, 1, "--from", "smaregi", "--language", "en")
		expect.That(t, "who is in use is taken", strings.Contains(said, "1 new"), said)
		expect.That(t, "who is not, is not", strings.Contains(b.report(t), "3,3002,not_in_use,"), b.report(t))
	})
}
